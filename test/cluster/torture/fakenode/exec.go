package fakenode

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/remotecommand"
	kubelet "k8s.io/kubelet/pkg/cri/streaming/remotecommand"
	utilexec "k8s.io/utils/exec"

	"testcluster/torture/servers"
)

// The protocols of an exec that a kubelet speaks with the API server.
var protocols = []string{"v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io"}

// Handler is the part of a kubelet's API that clients reach through the API
// server: exec, and the containers' logs, which are empty.
func (n *Node) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/exec/{namespace}/{pod}/{container}", n.exec)
	mux.HandleFunc("/containerLogs/{namespace}/{pod}/{container}", func(http.ResponseWriter, *http.Request) {})
	return mux
}

func (n *Node) exec(w http.ResponseWriter, req *http.Request) {
	options, err := kubelet.NewOptions(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	n.mutex.Lock()
	f := n.names[req.PathValue("namespace")+"/"+req.PathValue("pod")]
	if f == nil || f.going || !f.ready {
		n.mutex.Unlock()
		http.Error(w, "container not found", http.StatusNotFound)
		return
	}
	c := &client{seen: n.Seen, named: n.named, namespace: f.pod.Namespace, model: n.model(f.pod), stopped: f.stopped}
	n.mutex.Unlock()
	if c.model == nil {
		http.Error(w, "no model of such a server", http.StatusNotImplemented)
		return
	}
	kubelet.ServeExec(w, req, c, req.PathValue("pod"), "", req.PathValue("container"), req.URL.Query()["command"], options,
		time.Hour, 30*time.Second, protocols)
}

// client stands in for the database's own client that an exec runs in a pod.
type client struct {
	seen      func(namespace, version string, moment servers.Moment)
	named     func(namespace string, command []string) []string
	namespace string
	model     servers.Model
	stopped   chan struct{} // closed when the pod's containers end
}

// ExecInContainer runs a command, or answers statements, one a line that ends in
// a semicolon, until there are no more or the container ends.
func (c *client) ExecInContainer(_ context.Context, pod string, _ types.UID, _ string, command []string, in io.Reader, out, err io.WriteCloser,
	_ bool, _ <-chan remotecommand.TerminalSize, _ time.Duration) error {
	if len(command) > 3 && command[3] == "dbupgrade" && in != nil {
		if err := script(in); err != nil {
			return err
		}
	}
	if ran := c.model.Run(time.Now(), pod, c.named(c.namespace, command)); ran != nil {
		return c.ran(pod, ran, out, err)
	}
	if in == nil {
		return nil
	}
	ended := make(chan error, 1)
	go func() { ended <- c.talk(pod, in, out) }()
	select {
	case err := <-ended:
		return err
	case <-c.stopped:
		return utilexec.CodeExitError{Err: fmt.Errorf("killed"), Code: 137}
	}
}

// script reads one that comes by the input, to its last line.
func script(in io.Reader) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return utilexec.CodeExitError{Err: fmt.Errorf("the script has no end"), Code: 2}
		}
		if line == "#END\n" || line == "end\n" {
			return nil
		}
	}
}

// ran says how a command ended, when it ends.
func (c *client) ran(pod string, ran *servers.Ran, out, err io.Writer) error {
	if ran.Changed != nil {
		c.seen(c.namespace, "", *ran.Changed)
	}
	if ran.Wait > 0 {
		select {
		case <-time.After(ran.Wait):
			ran = c.model.Run(time.Now(), pod, ran.Then)
		case <-c.stopped:
			return utilexec.CodeExitError{Err: fmt.Errorf("killed"), Code: 137}
		}
	}
	_, _ = io.WriteString(out, ran.Out)
	if err != nil {
		_, _ = io.WriteString(err, ran.Err)
	}
	if ran.Code != 0 {
		return utilexec.CodeExitError{Err: fmt.Errorf("exit %d", ran.Code), Code: ran.Code}
	}
	return nil
}

func (c *client) talk(pod string, in io.Reader, out io.Writer) error {
	lines := bufio.NewReader(in)
	since := time.Now()
	lost := func() error {
		last := c.model.Refuses(time.Now(), pod, since)
		if last == "" {
			return nil
		}
		_, _ = io.WriteString(out, last)
		return utilexec.CodeExitError{Err: fmt.Errorf("the server is gone"), Code: 2}
	}
	if err := lost(); err != nil {
		return err
	}
	statement := ""
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return nil // stdin was closed: the client ends
		}
		statement += line
		text, whole := strings.CutSuffix(strings.TrimSpace(statement), ";")
		if !whole {
			continue
		}
		statement = ""
		if err := lost(); err != nil {
			return err
		}
		answer, moment := c.model.Answer(time.Now(), pod, text)
		if moment != nil {
			c.seen(c.namespace, "", *moment)
		}
		if _, err := io.WriteString(out, answer); err != nil {
			return nil
		}
	}
}
