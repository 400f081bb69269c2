package proxysql

import (
	"context"
	"fmt"
	"log"
	"net"
	"strings"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/server"
)

// newServer makes what greets clients.
func newServer(version string) *server.Server {
	return server.NewServer(version, mysql.DEFAULT_COLLATION_ID, mysql.AUTH_NATIVE_PASSWORD, nil, nil)
}

// Serve answers clients of the admin interface until ctx is done.
func (a *Admin) Serve(ctx context.Context, listener net.Listener) error {
	stop := context.AfterFunc(ctx, func() { listener.Close() })
	defer stop()
	greeting := newServer("8.0.11 (" + a.Version + ")")
	for {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			stop := context.AfterFunc(ctx, func() { conn.Close() })
			defer stop()
			users := server.NewInMemoryProvider()
			for _, pair := range strings.Split(a.variable("admin-admin_credentials"), ";") {
				if user, password, ok := strings.Cut(pair, ":"); ok {
					users.AddUser(user, password)
				}
			}
			client, err := greeting.NewCustomizedConn(conn, users, &adminHandler{admin: a})
			for err == nil && !client.Closed() {
				err = client.HandleCommand()
			}
		}()
	}
}

// adminHandler does one client's statements.
type adminHandler struct {
	server.EmptyHandler
	admin *Admin
}

func (h *adminHandler) UseDB(string) error { return nil }

func (h *adminHandler) HandleQuery(text string) (*mysql.Result, error) {
	got, err := h.admin.Query(text)
	if err != nil {
		log.Printf("admin: %s: %v", strings.SplitN(text, "'", 2)[0], err) // no values: one may be a password
		return nil, mysql.NewError(mysql.ER_PARSE_ERROR, fmt.Sprintf("ProxySQL Admin Error: %v", err))
	}
	if got.names == nil {
		result := mysql.NewResultReserveResultset(0)
		result.AffectedRows = got.affected
		return result, nil
	}
	for _, row := range got.rows {
		for i, value := range row {
			if text, ok := value.(string); ok {
				row[i] = []byte(text) // the library takes an empty string for NULL
			}
		}
	}
	rows, err := mysql.BuildSimpleTextResultset(got.names, got.rows)
	if err != nil {
		return nil, err
	}
	return mysql.NewResult(rows), nil
}
