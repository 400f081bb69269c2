package proxy

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// upstream is an API server of a kind: it counts what it is told to change.
type upstream struct {
	*httptest.Server
	applied atomic.Int32
	last    atomic.Value // the last body
}

func newUpstream(t *testing.T) *upstream {
	u := &upstream{}
	u.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		switch {
		case req.Header.Get("Upgrade") != "":
			conn, _, _ := w.(http.Hijacker).Hijack()
			defer conn.Close()
			fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello")
			time.Sleep(50 * time.Millisecond)
		case req.URL.Query().Has("watch"):
			for i := range 3 {
				fmt.Fprintf(w, "{\"n\":%d}\n", i)
				w.(http.Flusher).Flush()
				time.Sleep(20 * time.Millisecond)
			}
		default:
			if req.Method != http.MethodGet {
				u.applied.Add(1)
				u.last.Store(string(body))
			}
			fmt.Fprint(w, `{"metadata":{"resourceVersion":"77"}}`)
		}
	}))
	u.EnableHTTP2 = true
	u.StartTLS()
	t.Cleanup(u.Close)
	return u
}

func start(t *testing.T, u *upstream, options Options) (*Proxy, *http.Client) {
	target, _ := url.Parse(u.URL)
	p, err := Start(target, u.Client().Transport, u.TLS.Certificates[0], options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	roots := x509.NewCertPool()
	roots.AddCert(u.Certificate())
	return p, &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "example.com"}}}
}

func patch(c *http.Client, p *Proxy, body string) (int, string, error) {
	req, _ := http.NewRequest(http.MethodPatch, p.URL+"/apis/coordination.k8s.io/v1/namespaces/ns/leases/l", strings.NewReader(body))
	resp, err := c.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}

func TestFaults(t *testing.T) {
	for fault, want := range map[Fault]struct {
		status  int // 0: the connection is closed
		applied int32
		killed  bool
	}{
		None:       {200, 1, false},
		DropBefore: {0, 0, false},
		DropAfter:  {0, 1, false},
		Conflict:   {409, 0, false},
		TooMany:    {429, 0, false},
		Internal:   {500, 0, false},
		Garbage:    {200, 0, false},
		KillBefore: {0, 0, true},
		KillAfter:  {0, 1, true},
		StopBefore: {0, 0, true},
	} {
		u := newUpstream(t)
		killed := false
		p, client := start(t, u, Options{Fault: fault, At: Nth(2), Signal: func(Fault) { killed = true }})
		if status, _, err := patch(client, p, "{}"); status != 200 || err != nil {
			t.Errorf("%s: the first: %d %v", fault, status, err)
		}
		status, body, _ := patch(client, p, "{}")
		if applied := u.applied.Load() - 1; status != want.status || applied != want.applied || killed != want.killed {
			t.Errorf("%s: status %d %q, applied %d, killed %t", fault, status, body, applied, killed)
		}
		if status, _, err := patch(client, p, "{}"); status != 200 || err != nil {
			t.Errorf("%s: the one after: %d %v", fault, status, err)
		}
		requests := p.Requests()
		if len(requests) != 3 || requests[0].Version != 77 || requests[1].Applied() != (want.applied == 1) || p.Met() != (fault != None) {
			t.Errorf("%s: log %v", fault, requests)
		}
	}
}

func TestStreamsPass(t *testing.T) {
	u := newUpstream(t)
	p, client := start(t, u, Options{})
	resp, err := client.Get(p.URL + "/api/v1/namespaces/ns/pods?watch=1")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if line, err := bufio.NewReader(resp.Body).ReadString('\n'); line != "{\"n\":0}\n" || resp.ProtoMajor != 2 {
		t.Errorf("watch over HTTP/%d: %q %v", resp.ProtoMajor, line, err)
	}
	conn, err := tls.Dial("tcp", strings.TrimPrefix(p.URL, "https://"), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET /api/v1/namespaces/ns/pods/p/exec HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	all, _ := io.ReadAll(conn)
	if !strings.HasPrefix(string(all), "HTTP/1.1 101") || !strings.HasSuffix(string(all), "hello") {
		t.Errorf("upgrade: %q", all)
	}
}

func TestSkew(t *testing.T) {
	u := newUpstream(t)
	p, client := start(t, u, Options{Skew: -3 * time.Hour})
	if status, _, err := patch(client, p, `{"spec":{"renewTime":"2026-01-02T12:00:00.000001Z","holderIdentity":"a"}}`); status != 200 {
		t.Fatal(status, err)
	}
	if body := u.last.Load(); body != `{"spec":{"renewTime":"2026-01-02T09:00:00.000001Z","holderIdentity":"a"}}` {
		t.Errorf("sent: %s", body)
	}
}

func TestParsePath(t *testing.T) {
	for path, want := range map[string]Target{
		"/apis/kubedb.com/v1/namespaces/ns/mysqls/db/status": {"ns", "mysqls", "db", "status"},
		"/api/v1/namespaces/ns/pods":                         {"ns", "pods", "", ""},
		"/api/v1/namespaces/ns":                              {"", "namespaces", "ns", ""},
		"/api/v1/namespaces/ns/pods/p/eviction":              {"ns", "pods", "p", "eviction"},
		"/apis/catalog.kubedb.com/v1alpha1/mysqlversions":    {"", "mysqlversions", "", ""},
		"/apis/kubedb.com":                                   {},
		"/version":                                           {},
	} {
		if have := ParsePath(path); have != want {
			t.Errorf("%s: %+v", path, have)
		}
	}
}
