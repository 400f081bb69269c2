package coordinator

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"time"

	coordination "k8s.io/api/coordination/v1"
)

// lostAfter is how long a source may give no sign of life before a replica
// takes over, if its server does not answer either.
const lostAfter = 3 * time.Second

// semisync is a member of a MySQL with one source, whose commits wait for the
// acknowledgement of its replicas. Who leads is written in a Lease, and handed
// over by the HTTP API, as with Postgres.
type semisync struct{ *postgres }

// replica is what a server says of its replication.
type replica struct {
	source   string // its address; "" follows nobody
	running  bool   // both threads
	writable bool
	executed string
	received string // with what it executed
	applied  bool   // all that it received
}

func askReplica(ctx context.Context, db *sql.DB) (r replica, err error) {
	err = db.QueryRowContext(ctx, `SELECT
		COALESCE((SELECT HOST FROM performance_schema.replication_connection_configuration WHERE CHANNEL_NAME = ''), ''),
		(SELECT COUNT(*) FROM performance_schema.replication_connection_status c JOIN performance_schema.replication_applier_status a
			USING (CHANNEL_NAME) WHERE CHANNEL_NAME = '' AND c.SERVICE_STATE IN ('ON', 'CONNECTING') AND a.SERVICE_STATE = 'ON'),
		NOT @@GLOBAL.super_read_only, @@GLOBAL.gtid_executed,
		CONCAT_WS(',', NULLIF(@@GLOBAL.gtid_executed, ''), (SELECT NULLIF(RECEIVED_TRANSACTION_SET, '')
			FROM performance_schema.replication_connection_status WHERE CHANNEL_NAME = ''))`).
		Scan(&r.source, &r.running, &r.writable, &r.executed, &r.received)
	if err == nil {
		r.applied, err = contains(ctx, db, r.executed, r.received)
	}
	return r, err
}

// contains tells whether a set of transactions has all those of another.
func contains(ctx context.Context, db *sql.DB, set, subset string) (yes bool, err error) {
	err = db.QueryRowContext(ctx, "SELECT GTID_SUBSET(?, ?)", subset, set).Scan(&yes)
	return yes, err
}

// run executes statements until one fails.
func run(ctx context.Context, db *sql.DB, statements ...string) error {
	for _, statement := range statements {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%.30s...: %w", statement, err)
		}
	}
	return nil
}

func (s semisync) step(ctx context.Context) error {
	lease, err := s.lease(ctx)
	if err != nil {
		return err
	}
	s.listen(lease.Annotations[faultNote] != faultSilent)
	db, err := openMySQL("127.0.0.1")
	if err != nil {
		return err
	}
	defer db.Close()
	own, err := askReplica(ctx, db)
	if err != nil {
		return err
	}
	if holder(lease) != s.pod {
		return s.follow(ctx, lease, db, own)
	}
	next := lease.Annotations[transferNote]
	if next != "" && next != s.pod && lease.Annotations[faultNote] != faultDeaf {
		return s.handOver(ctx, lease, db, next)
	}
	return s.lead(ctx, lease, db, own)
}

// lead has our server be the source, and renews the lease.
func (s semisync) lead(ctx context.Context, lease *coordination.Lease, db *sql.DB, own replica) error {
	if own.source != "" {
		if !own.applied {
			return fmt.Errorf("to lead, our server has to apply what it received")
		}
		log.Print("our server becomes the source")
		if err := run(ctx, db, "STOP REPLICA", "RESET REPLICA ALL"); err != nil {
			return err
		}
	}
	if own.source != "" || !own.writable {
		if err := run(ctx, db, "SET GLOBAL rpl_semi_sync_source_enabled = ON", "SET GLOBAL super_read_only = OFF", "SET GLOBAL read_only = OFF"); err != nil {
			return err
		}
	}
	if err := s.setLabel(ctx, "primary"); err != nil {
		return err
	}
	if !expired(lease) && time.Since(lease.Spec.RenewTime.Time) < time.Second {
		return nil
	}
	return s.write(ctx, lease, s.pod)
}

// handOver stops writes and, once the successor has all of them, gives it the lease.
func (s semisync) handOver(ctx context.Context, lease *coordination.Lease, db *sql.DB, next string) error {
	delete(lease.Annotations, transferNote)
	if err := run(ctx, db, "SET GLOBAL super_read_only = ON"); err != nil {
		return err
	}
	last, err := askReplica(ctx, db)
	if err != nil {
		return err
	}
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if s.hasAll(ctx, next, last.executed) {
			log.Printf("handing over to %s", next)
			return s.write(ctx, lease, next)
		}
	}
	log.Printf("%s cannot lead: transfer dropped", next)
	return s.write(ctx, lease, s.pod)
}

// hasAll tells whether another member executed all transactions of a set.
func (s semisync) hasAll(ctx context.Context, pod, set string) bool {
	their, _, err := s.other(ctx, pod)
	if err != nil {
		return false
	}
	db, err := openMySQL("127.0.0.1")
	if err != nil {
		return false
	}
	defer db.Close()
	yes, err := contains(ctx, db, their.executed, set)
	return err == nil && yes
}

// other asks the server of another member; its address is told with the answer.
func (s semisync) other(ctx context.Context, name string) (replica, string, error) {
	pods, err := s.peers(ctx)
	if err != nil {
		return replica{}, "", err
	}
	for _, pod := range pods {
		if pod.Name == name {
			db, err := openMySQL(pod.Status.PodIP)
			if err != nil {
				return replica{}, "", err
			}
			defer db.Close()
			r, err := askReplica(ctx, db)
			return r, pod.Status.PodIP, err
		}
	}
	return replica{}, "", fmt.Errorf("there is no pod %s", name)
}

// follow has our server replicate from the source, or take over where that is lost.
func (s semisync) follow(ctx context.Context, lease *coordination.Lease, db *sql.DB, own replica) error {
	if own.writable {
		if err := run(ctx, db, "SET GLOBAL super_read_only = ON"); err != nil {
			return err
		}
	}
	_, address, err := s.other(ctx, holder(lease))
	if err != nil {
		if time.Since(lease.Spec.RenewTime.Time) > lostAfter && s.mayLead(ctx, db, own) {
			log.Printf("%s is lost: taking over", holder(lease))
			return s.write(ctx, lease, s.pod)
		}
		return err
	}
	if own.source != address || !own.running {
		log.Printf("following %s at %s", holder(lease), address)
		err = run(ctx, db, "STOP REPLICA", "SET GLOBAL rpl_semi_sync_source_enabled = OFF", "SET GLOBAL rpl_semi_sync_replica_enabled = ON",
			fmt.Sprintf("CHANGE REPLICATION SOURCE TO SOURCE_HOST='%s', SOURCE_USER='%s', SOURCE_PASSWORD='%s', SOURCE_AUTO_POSITION=1, "+
				"GET_SOURCE_PUBLIC_KEY=1, SOURCE_CONNECT_RETRY=1, SOURCE_RETRY_COUNT=100000", address, os.Getenv("MYSQL_ROOT_USERNAME"), os.Getenv("MYSQL_ROOT_PASSWORD")),
			"START REPLICA")
		if err != nil {
			return err
		}
	}
	return s.setLabel(ctx, "standby")
}

// mayLead tells whether no other member that answers received more than we did,
// or as much with a lower number. One that has no source never followed any.
func (s semisync) mayLead(ctx context.Context, db *sql.DB, own replica) bool {
	pods, err := s.peers(ctx)
	if err != nil || own.source == "" {
		return false
	}
	for _, pod := range pods {
		their, _, err := s.other(ctx, pod.Name)
		if err != nil {
			continue
		}
		have, err := contains(ctx, db, own.received, their.received)
		same, failed := contains(ctx, db, their.received, own.received)
		if err != nil || failed != nil || !have || same && ordinal(pod.Name) < ordinal(s.pod) {
			return false
		}
	}
	return true
}
