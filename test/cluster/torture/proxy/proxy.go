// Package proxy stands between a client and an API server and does one bad
// thing to one of the client's requests. Everything else passes: HTTP/2,
// watches, and the WebSockets of an exec. It also keeps a list of what the
// client asked for and what came of it.
package proxy

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault is what is done to a request.
type Fault string

// The faults. All that close the connection close all of it: with HTTP/2 the
// watches that share it break too.
const (
	None       Fault = ""
	DropBefore Fault = "drop-before" // not applied, connection closed
	DropAfter  Fault = "drop-after"  // applied, connection closed in the place of a reply
	Conflict   Fault = "409"
	TooMany    Fault = "429"
	Internal   Fault = "500"
	Garbage    Fault = "garbage"     // 200 and a body that is no JSON
	KillBefore Fault = "kill-before" // not applied, the client gets SIGKILL
	KillAfter  Fault = "kill-after"  // applied, the client gets SIGKILL
	StopBefore Fault = "stop-before" // not applied, the client gets SIGINT: an operator's ^C
)

// Faults are those that a torture goes through.
var Faults = []Fault{DropBefore, DropAfter, Conflict, TooMany, Internal, Garbage, KillBefore, KillAfter}

// Signal is what is sent to the client: one of the faults that have a signal.
type Signal func(Fault)

// Request is one request of the client.
type Request struct {
	N        int // from 1, in the order in which they came
	At       time.Time
	Method   string
	Path     string // with the query
	Target          // where it goes
	Fault    Fault
	Status   int    // of the API server's reply; 0: it was not sent, or no reply came
	Version  int64  // the resourceVersion of the object in the reply; 0: none
	Changing bool   // it asks for a change of something
	Detail   string // of a patch: what it says
}

// Applied tells whether the API server did what was asked for.
func (r *Request) Applied() bool { return r.Status >= 200 && r.Status < 300 }

// Target is what a path of the API names.
type Target struct{ Namespace, Resource, Name, Sub string }

func (r *Request) String() string {
	fault := ""
	if r.Fault != None {
		fault = "  <-- " + string(r.Fault)
	}
	path := r.Path
	if len(path) > 150 {
		path = path[:150] + "..."
	}
	version := ""
	if r.Version > 0 {
		version = " rv " + strconv.FormatInt(r.Version, 10)
	}
	return fmt.Sprintf("%s %3d %s %s: %d%s%s %s", r.At.Format("15:04:05.000"), r.N, r.Method, path, r.Status, version, fault, r.Detail)
}

// Proxy serves one run of a client.
type Proxy struct {
	URL string

	fault  Fault
	at     func(*Request) bool
	signal Signal
	skew   time.Duration

	server *http.Server
	mutex  sync.Mutex
	n      int
	met    bool
	log    []*Request
}

// Options say what a proxy does.
type Options struct {
	Fault  Fault
	At     func(*Request) bool // which request the fault is for; it befalls the first one only
	Signal Signal              // must be there for faults with a signal
	Skew   time.Duration       // how wrong the client's clock is: added to the times in its Leases
}

// Nth is the n-th request.
func Nth(n int) func(*Request) bool { return func(r *Request) bool { return r.N == n } }

// Start serves a client on an address of its own until Close.
func Start(upstream *url.URL, transport http.RoundTripper, certificate tls.Certificate, options Options) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{URL: "https://" + listener.Addr().String(), fault: options.Fault, at: options.At, signal: options.Signal, skew: options.Skew}
	forward := &httputil.ReverseProxy{
		Transport:      transport,
		FlushInterval:  -1,
		ErrorLog:       log.New(io.Discard, "", 0),
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(upstream); r.Out.Header.Del("Accept-Encoding") },
		ModifyResponse: p.reply,
		ErrorHandler: func(_ http.ResponseWriter, req *http.Request, _ error) {
			cut(req)
		},
	}
	p.server = &http.Server{
		Handler:     p.handler(forward),
		TLSConfig:   &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2", "http/1.1"}},
		ErrorLog:    log.New(io.Discard, "", 0),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) },
	}
	go func() { _ = p.server.ServeTLS(listener, "", "") }()
	return p, nil
}

// Close ends all connections.
func (p *Proxy) Close() { _ = p.server.Close() }

// Requests returns what the client asked so far.
func (p *Proxy) Requests() []*Request {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	list := make([]*Request, len(p.log))
	for i, r := range p.log {
		copied := *r
		list[i] = &copied
	}
	return list
}

// Met tells whether the fault befell a request.
func (p *Proxy) Met() bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.met
}

type connKey struct{}
type requestKey struct{}

// cut closes the connection that a request came on, and ends its handler.
func cut(req *http.Request) {
	if conn, ok := req.Context().Value(connKey{}).(net.Conn); ok {
		_ = conn.Close()
	}
	panic(http.ErrAbortHandler)
}

func (p *Proxy) handler(forward http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r := p.note(req)
		switch r.Fault {
		case DropBefore:
			cut(req)
		case KillBefore, StopBefore:
			p.signal(r.Fault)
			cut(req)
		case Conflict:
			status(w, http.StatusConflict, "Conflict", "the object has been modified; please apply your changes to the latest version and try again")
			return
		case TooMany:
			w.Header().Set("Retry-After", "1")
			status(w, http.StatusTooManyRequests, "TooManyRequests", "too many requests, please try again later")
			return
		case Internal:
			status(w, http.StatusInternalServerError, "InternalError", "etcdserver: leader changed")
			return
		case Garbage:
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, "{\"kind\":\"\x01<html>502 Bad Gateway</html>\n")
			return
		}
		forward.ServeHTTP(w, req.WithContext(context.WithValue(req.Context(), requestKey{}, r)))
	})
}

// note gives a request its number and its fate.
func (p *Proxy) note(req *http.Request) *Request {
	r := &Request{At: time.Now(), Method: req.Method, Path: req.URL.RequestURI(), Target: ParsePath(req.URL.Path)}
	dry := req.URL.Query().Has("dryRun")
	review := strings.Contains(req.URL.Path, "authorization.k8s.io") // a question in the form of a POST
	r.Changing = req.Method != http.MethodGet && r.Sub != "exec" && !dry && !review
	p.skewed(req, r)
	if r.Changing && req.Body != nil {
		body, _ := io.ReadAll(req.Body)
		req.Body = io.NopCloser(bytes.NewReader(body))
		r.Detail = string(body[:min(len(body), 160)])
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.n++
	r.N = p.n
	if p.fault != None && !p.met && p.at(r) {
		p.met, r.Fault = true, p.fault
	}
	p.log = append(p.log, r)
	return r
}

var leaseTime = regexp.MustCompile(`"(renewTime|acquireTime)"\s*:\s*"([^"]+)"`)

// skewed has the times in a Lease be those of a client whose clock is wrong.
func (p *Proxy) skewed(req *http.Request, r *Request) {
	if p.skew == 0 || r.Resource != "leases" || req.Body == nil || req.Method == http.MethodGet {
		return
	}
	body, _ := io.ReadAll(req.Body)
	body = leaseTime.ReplaceAllFunc(body, func(field []byte) []byte {
		parts := leaseTime.FindSubmatch(field)
		at, err := time.Parse(time.RFC3339Nano, string(parts[2]))
		if err != nil {
			return field
		}
		return fmt.Appendf(nil, "%q:%q", parts[1], at.Add(p.skew).UTC().Format("2006-01-02T15:04:05.000000Z"))
	})
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	req.Header.Set("Content-Length", strconv.Itoa(len(body)))
}

// reply sees what the API server says, and may keep it from the client.
func (p *Proxy) reply(resp *http.Response) error {
	r := resp.Request.Context().Value(requestKey{}).(*Request)
	version := int64(0)
	if r.Changing {
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return err
		}
		resp.Body = io.NopCloser(bytes.NewReader(body))
		version = ObjectVersion(body)
	}
	p.mutex.Lock()
	r.Status, r.Version = resp.StatusCode, version
	p.mutex.Unlock()
	switch r.Fault {
	case KillAfter:
		p.signal(r.Fault)
	case DropAfter:
	default:
		return nil
	}
	return errors.New(string(r.Fault))
}

// ObjectVersion reads the resourceVersion of an object's text; 0 if there is none.
func ObjectVersion(body []byte) int64 {
	var object struct {
		Metadata struct {
			ResourceVersion string `json:"resourceVersion"`
		} `json:"metadata"`
	}
	_ = json.Unmarshal(body, &object)
	n, _ := strconv.ParseInt(object.Metadata.ResourceVersion, 10, 64)
	return n
}

// ParsePath takes a path of the API apart.
func ParsePath(path string) (t Target) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	skip := map[string]int{"api": 2, "apis": 3}[parts[0]]
	if skip == 0 || len(parts) <= skip {
		return t
	}
	parts = parts[skip:]
	if parts[0] == "namespaces" && len(parts) > 2 {
		t.Namespace, parts = parts[1], parts[2:]
	}
	for i, to := range []*string{&t.Resource, &t.Name, &t.Sub} {
		if i < len(parts) {
			*to = parts[i]
		}
	}
	return t
}

// status answers with an error as an API server words it.
func status(w http.ResponseWriter, code int, reason, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"kind": "Status", "apiVersion": "v1", "metadata": map[string]any{}, "status": "Failure", "message": message, "reason": reason, "code": code})
}
