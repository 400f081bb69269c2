// Package writer writes rows to a database, one after another, as long
// as it is let, and keeps account of what became of them: a client by which to
// tell whether an upgrade loses writes, and for how long it stops them.
package writer

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"time"
)

const (
	connectTimeout = time.Second
	queryTimeout   = 3 * time.Second
	ids            = 1_000_000_000          // in a range
	longGap        = 200 * time.Millisecond // a longer time between two writes is told
)

// Options says where to write and how often.
type Options struct {
	Engine                  Engine
	Address, User, Password string
	Rate                    int   // rows a second
	Range                   int64 // of a billion ids, from 0: for each of several writers another
}

// Engine is what differs between the kinds of database.
type Engine struct {
	connector func(Options) (driver.Connector, error)
	prepare   []string         // statements that make the table
	insert    string           // statement with an id and a time
	refused   func(error) bool // whether an answer says that the row is certainly not written
}

// Run writes rows with increasing ids to table app.w until ctx is done, each in
// a transaction of its own. Of each acknowledged one it prints "ack ID MILLIS",
// at the end an account of all as JSON. A row is never tried twice.
func Run(ctx context.Context, o Options, out io.Writer) error {
	connector, err := o.Engine.connector(o)
	if err != nil {
		return err
	}
	w := &session{db: sql.OpenDB(connector), engine: o.Engine}
	defer w.db.Close()
	w.db.SetMaxIdleConns(-1) // a connection that is given back is closed

	id, err := w.prepare(ctx, o.Range*ids)
	if err != nil {
		return err
	}
	account := Account{refused: o.Engine.refused}
	ticks := time.NewTicker(time.Second / time.Duration(o.Rate))
	defer ticks.Stop()
	for ; ; id++ {
		select {
		case <-ctx.Done():
			account.end(time.Now())
			return json.NewEncoder(out).Encode(account)
		case <-ticks.C:
		}
		err := w.insert(id)
		now := time.Now()
		if account.add(now, err) {
			fmt.Fprintf(out, "ack %d %d\n", id, now.UnixMilli())
		}
		w.note(err)
	}
}

// session is a connection that is made anew after any error: the primary may
// be another server now.
type session struct {
	engine Engine
	db     *sql.DB
	conn   *sql.Conn
	last   string // error
}

// do runs f with the connection. It does not end with the writer, which has to
// know what became of its last row: it has a time limit of its own.
func (s *session) do(f func(context.Context, *sql.Conn) error) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), queryTimeout)
	defer cancel()
	if s.conn == nil {
		if s.conn, err = s.db.Conn(ctx); err != nil {
			return unsent{err}
		}
	}
	if err = f(ctx, s.conn); err != nil {
		s.conn.Close()
		s.conn = nil
	}
	return err
}

// prepare makes the table and returns the first id of a range, that begins at an
// id, that it does not have; it tries until it can.
func (s *session) prepare(ctx context.Context, from int64) (id int64, err error) {
	query := fmt.Sprintf("SELECT COALESCE(MAX(id), %d) + 1 FROM app.w WHERE id >= %[1]d AND id < %d", from, from+ids)
	for {
		err = s.do(func(ctx context.Context, conn *sql.Conn) error {
			for _, statement := range s.engine.prepare {
				if _, err := conn.ExecContext(ctx, statement); err != nil {
					return err
				}
			}
			return conn.QueryRowContext(ctx, query).Scan(&id)
		})
		if err == nil {
			return id, nil
		}
		s.note(err)
		select {
		case <-ctx.Done():
			return 0, err
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (s *session) insert(id int64) error {
	return s.do(func(ctx context.Context, conn *sql.Conn) error {
		_, err := conn.ExecContext(ctx, s.engine.insert, id, time.Now().UnixMilli())
		return err
	})
}

// note logs an error once, not every time.
func (s *session) note(err error) {
	now := ""
	if err != nil {
		now = err.Error()
	}
	if now != s.last && now != "" {
		log.Print(now)
	}
	s.last = now
}

// unsent is an error from before the row was sent.
type unsent struct{ error }

// Account is what became of the rows.
type Account struct {
	Acked   int        `json:"acked"`
	Failed  int        `json:"failed"`      // certainly not written
	Unknown int        `json:"unknown"`     // perhaps written: the answer is missing
	Gaps    [][2]int64 `json:"gaps"`        // long times without an acknowledged row: start, since the first one, and length; in ms
	Longest int64      `json:"longest_gap"` // ms
	Lasted  int64      `json:"lasted"`      // ms

	first, last time.Time // acknowledged row
	refused     func(error) bool
}

// add counts one row; it tells whether that was acknowledged.
func (a *Account) add(now time.Time, err error) bool {
	switch {
	case err == nil:
		a.end(now)
		a.Acked++
		return true
	case errors.As(err, &unsent{}), errors.Is(err, driver.ErrBadConn), a.refused(err):
		a.Failed++
	default:
		a.Unknown++
	}
	return false
}

// end closes the time since the last acknowledged row.
func (a *Account) end(now time.Time) {
	if a.Gaps == nil {
		a.Gaps = [][2]int64{}
	}
	if a.Acked == 0 {
		a.first, a.last = now, now
	}
	gap := now.Sub(a.last)
	if gap > longGap {
		a.Gaps = append(a.Gaps, [2]int64{a.last.Sub(a.first).Milliseconds(), gap.Milliseconds()})
	}
	a.Longest = max(a.Longest, gap.Milliseconds())
	a.Lasted = now.Sub(a.first).Milliseconds()
	a.last = now
}
