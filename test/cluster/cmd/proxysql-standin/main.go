// proxysql-standin stands in for ProxySQL, as whose container's program it runs:
// proxysql-standin -f [-c FILE] [-D FOLDER]. What version it says it is comes from
// the image: versionFile.
package main

import (
	"context"
	"flag"
	"log"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"testcluster/proxysql"
)

// versionFile is where an image says which version it is of.
const versionFile = "/etc/proxysql-standin.version"

func main() {
	log.SetFlags(log.Ltime)
	log.SetPrefix("proxysql-standin: ")
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx); err != nil && ctx.Err() == nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	flag.Bool("f", false, "run in the foreground, as it always does")
	file := flag.String("c", "/etc/proxysql.cnf", "configuration, read where nothing was saved to disk yet")
	folder := flag.String("D", "/var/lib/proxysql", "where the configuration is saved to")
	flag.Parse()
	version, err := os.ReadFile(versionFile)
	if err != nil {
		return err
	}
	config, err := os.ReadFile(*file)
	if err != nil {
		return err
	}
	admin, err := proxysql.Open(ctx, strings.TrimSpace(string(version))+"-standin", *folder, string(config))
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", ":6032")
	if err != nil {
		return err
	}
	if _, err := admin.Start(":6033"); err != nil {
		return err
	}
	log.Printf("a stand-in for ProxySQL %s", admin.Version)
	go admin.Cluster(ctx)
	go admin.Monitor(ctx, time.Second)
	return admin.Serve(ctx, listener)
}
