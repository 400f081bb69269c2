package writer

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
)

// TestAccount lets rows succeed and fail at given times, in ms.
func TestAccount(t *testing.T) {
	refused := &mysql.MySQLError{Number: 1290}
	a := Account{refused: MySQL.refused}
	at := func(ms int) time.Time { return time.UnixMilli(int64(1000 + ms)) }
	for _, row := range []struct {
		ms  int
		err error
	}{
		{0, nil}, {100, nil},
		{150, fmt.Errorf("wrapped: %w", refused)},
		{200, unsent{fmt.Errorf("refused")}},
		{250, driver.ErrBadConn},
		{280, mysql.ErrInvalidConn},
		{290, &mysql.MySQLError{Number: 1053}},
		{295, &mysql.MySQLError{Number: 2013}},
		{301, nil}, // 201 ms after the last one
		{501, nil}, // 200 ms are not long
	} {
		if have := a.add(at(row.ms), row.err); have != (row.err == nil) {
			t.Errorf("%v: acknowledged: %t", row.err, have)
		}
	}
	a.end(at(1501))
	have, err := json.Marshal(a)
	want := `{"acked":4,"failed":3,"unknown":3,"gaps":[[100,201],[501,1000]],"longest_gap":1000,"lasted":1501}`
	if err != nil || string(have) != want {
		t.Errorf("want %s\nhave %s, %v", want, have, err)
	}
}

// TestNothing ends an account without a row.
func TestNothing(t *testing.T) {
	a := Account{refused: MySQL.refused}
	a.add(time.Now(), mysql.ErrInvalidConn)
	a.end(time.Now())
	if have, _ := json.Marshal(a); string(have) != `{"acked":0,"failed":0,"unknown":1,"gaps":[],"longest_gap":0,"lasted":0}` {
		t.Errorf("have %s", have)
	}
}

// TestPostgresRefused tells rows that are certainly not written from others.
func TestPostgresRefused(t *testing.T) {
	for code, want := range map[string]bool{
		"25006": true,  // the server is a standby now
		"42501": true,  // no permission
		"53100": true,  // the disk is full
		"57P01": false, // it is told to end, perhaps while it waits for a standby
		"57014": false, // the statement was given up
		"08006": false, // the connection broke
	} {
		if have := Postgres.refused(fmt.Errorf("wrapped: %w", &pgconn.PgError{Code: code})); have != want {
			t.Errorf("%s: %t", code, have)
		}
	}
	if Postgres.refused(fmt.Errorf("unexpected EOF")) {
		t.Error("an answer is missing, but the row counts as not written")
	}
}
