package proxysql

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"sync"
	"time"

	"github.com/go-mysql-org/go-mysql/client"
	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/server"
)

// Proxy hands clients' statements on to the first server of their user's
// hostgroup that is ONLINE, on a connection of each client's own. It knows which of them are
// in a transaction: a pause leaves those alone until they have ended it.
type Proxy struct {
	admin   *Admin
	address string
	listen  func(network, address string) (net.Listener, error)

	mu                 sync.Mutex
	listener           net.Listener // nil while paused
	sessions           map[int]*session
	created, questions int
}

// session is a client's connection.
type session struct {
	server.EmptyHandler
	proxy                         *Proxy
	id                            int
	conn                          net.Conn
	backend                       *client.Conn
	user, client, server, command string
	busy                          bool
}

// seen is a copy of what a proxy is doing.
type seen struct {
	sessions                   []session
	created, questions, paused int
}

// Start listens for clients on an address.
func (a *Admin) Start(address string) (*Proxy, error) { return a.start(address, net.Listen) }

// StartAlone has a proxy that no client finds: all that it does is to be paused or not.
func (a *Admin) StartAlone() (*Proxy, error) {
	return a.start("", func(string, string) (net.Listener, error) { return &nowhere{closed: make(chan struct{})}, nil })
}

// nowhere is a listener to which nobody ever comes.
type nowhere struct{ closed chan struct{} }

func (n *nowhere) Accept() (net.Conn, error) {
	<-n.closed
	return nil, net.ErrClosed
}

func (n *nowhere) Close() error { close(n.closed); return nil }

func (n *nowhere) Addr() net.Addr { return &net.TCPAddr{} }

func (a *Admin) start(address string, listen func(network, address string) (net.Listener, error)) (*Proxy, error) {
	p := &Proxy{admin: a, address: address, listen: listen, sessions: map[int]*session{}}
	if err := p.Resume(); err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.proxy = p
	return p, nil
}

// Resume listens again.
func (p *Proxy) Resume() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		return errors.New("the proxy is not paused")
	}
	listener, err := p.listen("tcp", p.address)
	if err != nil {
		return err
	}
	p.listener, p.address = listener, listener.Addr().String()
	go p.accept(listener)
	return nil
}

// Pause listens no longer and closes every connection that is idle and in no
// transaction; the others are closed when they get there.
func (p *Proxy) Pause() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener == nil {
		return errors.New("the proxy is paused already")
	}
	p.listener.Close()
	p.listener = nil
	for _, s := range p.sessions {
		if s.backend != nil && s.idle() {
			s.conn.Close()
		}
	}
	return nil
}

// idle tells whether a client has nothing under way; p.mu is held.
func (s *session) idle() bool { return !s.busy && !s.backend.IsInTransaction() }

func (p *Proxy) observe() seen {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := seen{created: p.created, questions: p.questions}
	if p.listener == nil {
		now.paused = 1
	}
	for _, s := range p.sessions {
		now.sessions = append(now.sessions, session{id: s.id, user: s.user, client: s.client, server: s.server, command: s.command})
	}
	return now
}

func (p *Proxy) accept(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		p.created++
		s := &session{proxy: p, id: p.created, conn: conn, client: conn.RemoteAddr().String(), command: "Connect"}
		p.sessions[s.id] = s
		p.mu.Unlock()
		go func() {
			defer p.end(s)
			if err := s.serve(); err != nil {
				log.Printf("client %s: %v", s.client, err)
			}
		}()
	}
}

func (p *Proxy) end(s *session) {
	s.conn.Close()
	p.mu.Lock()
	backend := s.backend
	delete(p.sessions, s.id)
	p.mu.Unlock()
	if backend != nil {
		backend.Close()
	}
}

// serve lets a client in and does what it says until it goes, or has to.
func (s *session) serve() error {
	users, err := s.proxy.admin.users()
	if err != nil {
		return err
	}
	known := server.NewInMemoryProvider()
	for name, user := range users {
		known.AddUser(name, user.password)
	}
	conn, err := newServer(s.proxy.admin.variable("mysql-server_version")).NewCustomizedConn(s.conn, known, s)
	if err != nil {
		return nil // a look at the port, or a wrong password
	}
	if err := s.connect(users[conn.GetUser()]); err != nil {
		return err
	}
	for !conn.Closed() {
		if err := conn.HandleCommand(); err != nil || s.over() {
			return nil
		}
	}
	return nil
}

// over tells after a command whether the client has to go.
func (s *session) over() bool {
	s.proxy.mu.Lock()
	defer s.proxy.mu.Unlock()
	s.busy, s.command = false, "Sleep"
	return s.proxy.listener == nil && s.idle()
}

// connect opens the session's connection to a server.
func (s *session) connect(u user) error {
	got, err := s.proxy.admin.Query(fmt.Sprintf(
		"SELECT hostname, port FROM runtime_mysql_servers WHERE hostgroup_id = %s AND status = 'ONLINE' ORDER BY weight DESC LIMIT 1", u.hostgroup))
	if err != nil {
		return err
	}
	if len(got.rows) == 0 {
		return fmt.Errorf("no server is ONLINE in hostgroup %s", u.hostgroup)
	}
	host := fmt.Sprint(got.rows[0][0])
	backend, err := client.ConnectWithTimeout(net.JoinHostPort(host, fmt.Sprint(got.rows[0][1])), u.name, u.password, "", 5*time.Second)
	if err != nil {
		return err
	}
	s.proxy.mu.Lock()
	defer s.proxy.mu.Unlock()
	s.backend, s.user, s.server, s.command = backend, u.name, host, "Sleep"
	return nil
}

// begin notes that a command is under way.
func (s *session) begin() {
	s.proxy.mu.Lock()
	defer s.proxy.mu.Unlock()
	s.busy, s.command = true, "Query"
	s.proxy.questions++
}

// UseDB and what follows are a client's commands.
func (s *session) UseDB(name string) error {
	s.begin()
	return s.backend.UseDB(name)
}

func (s *session) HandleQuery(text string) (*mysql.Result, error) {
	s.begin()
	return s.backend.Execute(text)
}

func (s *session) HandleStmtPrepare(text string) (int, int, any, error) {
	s.begin()
	statement, err := s.backend.Prepare(text)
	if err != nil {
		return 0, 0, nil, err
	}
	return statement.ParamNum(), statement.ColumnNum(), statement, nil
}

func (s *session) HandleStmtExecute(statement any, _ string, args []any) (*mysql.Result, error) {
	s.begin()
	return statement.(*client.Stmt).Execute(args...)
}

func (s *session) HandleStmtClose(statement any) error {
	s.begin()
	return statement.(*client.Stmt).Close()
}

type user struct{ name, password, hostgroup string }

// users are those at runtime. Their passwords come from memory, where they are
// not hashed unless someone put them there so.
func (a *Admin) users() (map[string]user, error) {
	got, err := a.Query("SELECT r.username, m.password, r.default_hostgroup FROM runtime_mysql_users r JOIN mysql_users m USING (username) WHERE r.frontend = 1")
	if err != nil {
		return nil, err
	}
	found := map[string]user{}
	for _, row := range got.rows {
		name := fmt.Sprint(row[0])
		found[name] = user{name, fmt.Sprint(row[1]), fmt.Sprint(row[2])}
	}
	return found, nil
}

// Monitor shuns servers at runtime that cannot be reached, and brings them back.
func (a *Admin) Monitor(ctx context.Context, period time.Duration) {
	for ctx.Err() == nil {
		got, err := a.Query("SELECT DISTINCT hostname, port FROM runtime_mysql_servers WHERE status IN ('ONLINE', 'SHUNNED')")
		if err != nil {
			log.Printf("monitor: %v", err)
			got = &answer{}
		}
		for _, row := range got.rows {
			host, port := fmt.Sprint(row[0]), fmt.Sprint(row[1])
			status := "ONLINE"
			if conn, err := net.DialTimeout("tcp", net.JoinHostPort(host, port), time.Second); err != nil {
				status = "SHUNNED"
			} else {
				conn.Close()
			}
			if _, err := a.Query(fmt.Sprintf("UPDATE runtime_mysql_servers SET status = '%s' WHERE hostname = %s AND port = %s AND status IN ('ONLINE', 'SHUNNED')",
				status, quote(host), port)); err != nil {
				log.Printf("monitor: %v", err)
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(period):
		}
	}
}
