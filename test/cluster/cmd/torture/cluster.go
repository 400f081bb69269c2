package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"testcluster/torture/fakenode"
	"testcluster/torture/judge"
	"testcluster/torture/servers"
)

// The fake node has the name and address for which the cluster's certificate
// of a kubelet is made.
const (
	nodeName    = "node-1"
	nodeAddress = "198.18.0.1"
	nodePort    = 10250
)

// cluster is a control plane with a fake node, and an observer of it.
type cluster struct {
	dir       string
	typed     kubernetes.Interface
	objects   dynamic.Interface
	upstream  *url.URL
	transport http.RoundTripper // to the API server, as the admin
	serving   tls.Certificate   // of the proxies
	authority string            // file with it
	node      *fakenode.Node
	observer  *observer
	end       context.CancelFunc
	processes []*exec.Cmd
	mutex     sync.Mutex
	strange   map[string]bool // statements that no model knows
}

// startCluster brings all up; programs lie beside this one.
func startCluster(ctx context.Context, dir string) (*cluster, error) {
	c := &cluster{dir: dir, strange: map[string]bool{}}
	ctx, c.end = context.WithCancel(ctx)
	for _, step := range []func(context.Context) error{c.startControlPlane, c.makeClients, c.startNode, c.startOperator, c.startObserver} {
		if err := step(ctx); err != nil {
			c.stop()
			return nil, err
		}
	}
	return c, nil
}

func (c *cluster) stop() {
	c.end()
	for _, p := range c.processes {
		_ = p.Process.Signal(syscall.SIGTERM) // the control plane then waits for all that is in it
		late := time.AfterFunc(20*time.Second, func() { _ = p.Process.Kill() })
		_ = p.Wait()
		late.Stop()
	}
}

func (c *cluster) path(name string) string { return filepath.Join(c.dir, name) }

// start runs a program that ends with this one; its output goes to a log.
func (c *cluster) start(name string, args ...string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	log, err := os.Create(c.path(name + ".log"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(filepath.Join(filepath.Dir(self), name), args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	c.processes = append(c.processes, cmd)
	return nil
}

func (c *cluster) startControlPlane(ctx context.Context) error {
	if err := c.start("testcluster", "up", "--node=false", "--dir", c.dir, "--workload=petset"); err != nil {
		return err
	}
	for end := time.Now().Add(3 * time.Minute); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(100 * time.Millisecond) {
		text, _ := os.ReadFile(c.path("testcluster.log"))
		if strings.Contains(string(text), "ready in") {
			return nil
		}
		if c.processes[0].Process.Signal(syscall.Signal(0)) != nil {
			break
		}
	}
	text, _ := os.ReadFile(c.path("testcluster.log"))
	return fmt.Errorf("no control plane: %s", text)
}

func (c *cluster) makeClients(context.Context) error {
	cfg, err := clientcmd.BuildConfigFromFlags("", c.path("pki/admin.kubeconfig"))
	if err != nil {
		return err
	}
	cfg.QPS, cfg.WarningHandler = -1, rest.NoWarnings{}
	if c.typed, err = kubernetes.NewForConfig(cfg); err != nil {
		return err
	}
	if c.objects, err = dynamic.NewForConfig(cfg); err != nil {
		return err
	}
	if c.upstream, err = url.Parse(cfg.Host); err != nil {
		return err
	}
	security, err := rest.TLSConfigFor(cfg)
	if err != nil {
		return err
	}
	c.transport = &http.Transport{TLSClientConfig: security, ForceAttemptHTTP2: true, DisableCompression: true, MaxIdleConnsPerHost: 100}
	return c.makeServing()
}

// makeServing makes the certificate that the proxies serve with.
func (c *cluster) makeServing() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "torture"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(0, 0, 2),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	c.serving = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	c.authority = c.path("proxy.crt")
	return os.WriteFile(c.authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600)
}

// startNode serves the fake node where the API server can reach it: in the
// cluster's own network namespace.
func (c *cluster) startNode(ctx context.Context) error {
	listener, err := c.listenInside(fmt.Sprintf("%s:%d", nodeAddress, nodePort))
	if err != nil {
		return err
	}
	certificate, err := tls.LoadX509KeyPair(c.path("pki/kubelet-server.crt"), c.path("pki/kubelet-server.key"))
	if err != nil {
		return err
	}
	roots, err := os.ReadFile(c.path("pki/ca.crt"))
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(roots)
	c.observer = newObserver()
	c.node = &fakenode.Node{Name: nodeName, Address: nodeAddress, Port: nodePort, Client: c.typed, Seen: c.observer.changed}
	server := &http.Server{Handler: c.node.Handler(),
		ErrorLog:     log.New(io.Discard, "", 0),
		TLSConfig:    &tls.Config{Certificates: []tls.Certificate{certificate}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool},
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){}} // an exec takes over an HTTP/1.1 connection
	go func() { _ = server.ServeTLS(listener, "", "") }()
	failed := make(chan error, 1)
	go func() { failed <- c.node.Run(ctx) }()
	select {
	case err := <-failed:
		return fmt.Errorf("the fake node: %w", err)
	case <-time.After(time.Second):
		return nil
	}
}

// listenInside opens a socket in the network namespace of the control plane. A
// socket stays in the namespace that it was opened in; the thread does not.
func (c *cluster) listenInside(address string) (net.Listener, error) {
	children, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", c.processes[0].Process.Pid))
	var pid int
	for _, file := range children {
		if text, _ := os.ReadFile(file); pid == 0 {
			_, _ = fmt.Sscan(string(text), &pid)
		}
	}
	if pid == 0 {
		return nil, errors.New("the control plane has no process")
	}
	type result struct {
		net.Listener
		error
	}
	opened := make(chan result)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with this function
		namespace, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", pid))
		if err == nil {
			defer namespace.Close()
			err = unix.Setns(int(namespace.Fd()), unix.CLONE_NEWNET)
		}
		if err != nil {
			opened <- result{nil, err}
			return
		}
		listener, err := net.Listen("tcp", address)
		opened <- result{listener, err}
	}()
	r := <-opened
	return r.Listener, r.error
}

func (c *cluster) startOperator(context.Context) error {
	return c.start("operator", "--workload=petset", "--crds=none", "--kubeconfig="+c.path("pki/admin.kubeconfig"), "--probe=ready", "--period=2s")
}

func (c *cluster) startObserver(ctx context.Context) error {
	var names []schema.GroupVersionResource
	for _, k := range kinds {
		names = append(names, k.database)
		for _, version := range k.catalogue {
			if _, err := c.objects.Resource(k.versions).Create(ctx, version, metav1.CreateOptions{}); err != nil {
				return err
			}
		}
	}
	return c.observer.start(ctx, c.objects, append(names, kinds[0].set, pods, claims, leases))
}

// unknown returns the statements that the models had no answer for.
func (c *cluster) unknown() (list []string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for statement := range c.strange {
		list = append(list, statement)
	}
	return list
}

func (c *cluster) note(model servers.Model) {
	if model == nil {
		return
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, statement := range model.Unknown() {
		c.strange[statement] = true
	}
}

// current reads the objects of a database as they are now, and waits until the
// observer has heard of all that.
func (c *cluster) current(ctx context.Context, r *record) (*judge.State, error) {
	for end := time.Now().Add(30 * time.Second); ; {
		seen := r.state()
		behind := ""
		for _, name := range []schema.GroupVersionResource{r.kind.database, r.kind.set, pods, claims, leases} {
			list, err := c.objects.Resource(name).Namespace(r.namespace).List(ctx, metav1.ListOptions{})
			if err != nil {
				return nil, err
			}
			have := map[string]string{}
			for _, object := range list.Items {
				have[object.GetName()] = object.GetResourceVersion()
			}
			if !r.same(name.Resource, have) {
				behind = name.Resource
			}
		}
		if behind == "" {
			return seen, nil
		}
		if time.Now().After(end) {
			return nil, fmt.Errorf("the observer does not hear of %s any more", behind)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
