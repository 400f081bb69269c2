package coordinator

import (
	"context"
	"database/sql"
	_ "embed" // the schema
	"fmt"
	"log"
	"strings"
)

// innodb is a member of an InnoDB cluster: of a group whose metadata, which
// routers read, are in the group's own data. KubeDB has MySQL Shell keep them, of
// which no package is to be had; this stands in for it.
type innodb struct {
	group
	made bool // the schema is there
}

//go:embed innodb.sql
var metadataSchema string

// step is the group's; the primary keeps the metadata besides.
func (c *innodb) step(ctx context.Context) error {
	if err := c.group.step(ctx); err != nil {
		return err
	}
	if c.role != "primary" {
		c.made = false
		return nil
	}
	db, err := openMySQL("127.0.0.1")
	if err != nil {
		return err
	}
	defer db.Close()
	return c.keep(ctx, db)
}

// keep makes the metadata's schema where it is missing and has it know the
// members that are online.
func (c *innodb) keep(ctx context.Context, db *sql.DB) error {
	if !c.made {
		var views int
		if err := db.QueryRowContext(ctx, `SELECT COUNT(*) FROM information_schema.VIEWS
			WHERE TABLE_SCHEMA = 'mysql_innodb_cluster_metadata' AND TABLE_NAME = 'v2_routers'`).Scan(&views); err != nil {
			return err
		}
		if views == 0 {
			log.Print("making the cluster's metadata")
			if err := run(ctx, db, statements(metadataSchema)...); err != nil {
				return err
			}
		}
		c.made = true
	}
	cluster := setOf(c.pod)
	rows := []string{
		fmt.Sprintf(`INSERT INTO mysql_innodb_cluster_metadata.clusters (cluster_id, cluster_name, attributes)
			SELECT UUID(), '%s', JSON_OBJECT('group_replication_group_name', @@group_replication_group_name)
			FROM (SELECT COUNT(*) AS n FROM mysql_innodb_cluster_metadata.clusters) c WHERE c.n = 0`, cluster),
		`INSERT INTO mysql_innodb_cluster_metadata.instances (cluster_id, address, mysql_server_uuid, instance_name, addresses, attributes)
			SELECT c.cluster_id, m.at, m.MEMBER_ID, m.at, JSON_OBJECT('mysqlClassic', m.at), JSON_OBJECT()
			FROM (SELECT MEMBER_ID, CONCAT(MEMBER_HOST, ':', MEMBER_PORT) AS at FROM performance_schema.replication_group_members
				WHERE MEMBER_STATE = 'ONLINE') m JOIN mysql_innodb_cluster_metadata.clusters c
				LEFT JOIN mysql_innodb_cluster_metadata.instances i ON i.mysql_server_uuid = m.MEMBER_ID
			WHERE i.instance_id IS NULL`,
	}
	return run(ctx, db, rows...)
}

// statements splits a script, whose statements end with a line's end.
func statements(script string) (list []string) {
	for text := range strings.SplitSeq(script, ";\n") {
		if strings.TrimSpace(text) != "" {
			list = append(list, text)
		}
	}
	return list
}
