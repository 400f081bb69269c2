package writer

import (
	"database/sql/driver"
	"errors"
	"io"
	"log"
	"net/url"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

const table = "CREATE TABLE IF NOT EXISTS app.w (id BIGINT PRIMARY KEY, at BIGINT NOT NULL)"

// MySQL is MySQL, or MariaDB with Galera; the rows are in database app.
var MySQL = Engine{
	connector: func(o Options) (driver.Connector, error) {
		config := mysql.NewConfig()
		config.Net, config.Addr, config.User, config.Passwd = "tcp", o.Address, o.User, o.Password
		config.Timeout, config.ReadTimeout, config.WriteTimeout = connectTimeout, queryTimeout, queryTimeout
		config.InterpolateParams = true // one round trip a row
		config.Logger = log.New(io.Discard, "", 0)
		return mysql.NewConnector(config)
	},
	prepare: []string{"CREATE DATABASE IF NOT EXISTS app", table},
	insert:  "INSERT INTO app.w VALUES (?, ?)",
	refused: func(err error) bool {
		var answer *mysql.MySQLError
		// A shutdown, an interruption, a router that lost the server: when?
		return errors.As(err, &answer) && !slices.Contains([]uint16{1053, 1317, 2013}, answer.Number)
	},
}

// Postgres is Postgres; the rows are in schema app of database postgres.
var Postgres = Engine{
	connector: func(o Options) (driver.Connector, error) {
		dsn := url.URL{Scheme: "postgres", Host: o.Address, Path: "/postgres", RawQuery: "sslmode=prefer",
			User: url.UserPassword(o.User, o.Password)}
		config, err := pgx.ParseConfig(dsn.String())
		if err != nil {
			return nil, err
		}
		config.ConnectTimeout = connectTimeout
		config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol // one round trip a row
		return stdlib.GetConnector(*config), nil
	},
	prepare: []string{"CREATE SCHEMA IF NOT EXISTS app", table},
	insert:  "INSERT INTO app.w VALUES ($1, $2)",
	refused: func(err error) bool {
		var answer *pgconn.PgError
		if !errors.As(err, &answer) {
			return pgconn.SafeToRetry(err)
		}
		// A server that is told to end, or to give a statement up, while it waits for
		// its standbys to confirm a commit has that commit already.
		return !strings.HasPrefix(answer.Code, "57") && !strings.HasPrefix(answer.Code, "08")
	},
}
