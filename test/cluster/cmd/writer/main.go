// writer writes rows to a MySQL database until it is told to stop, by SIGTERM
// or by "writer stop", run beside it in its container: writer ADDRESS [RATE].
// MYSQL_ROOT_USERNAME and MYSQL_ROOT_PASSWORD are in its environment.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"testcluster/writer"
)

func main() {
	log.SetFlags(log.Ltime)
	if err := run(os.Args[1:]); err != nil {
		log.Fatal("writer: ", err)
	}
}

func run(args []string) error {
	if len(args) == 1 && args[0] == "stop" {
		return syscall.Kill(1, syscall.SIGTERM)
	}
	rate := 50
	if len(args) == 2 {
		n, err := strconv.Atoi(args[1])
		if err != nil || n < 1 {
			return fmt.Errorf("%s is no rate", args[1])
		}
		rate = n
	}
	if len(args) < 1 || len(args) > 2 {
		return fmt.Errorf("usage: writer ADDRESS [RATE] | writer stop")
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	return writer.Run(ctx, writer.Options{
		Address: args[0], Rate: rate,
		User: os.Getenv("MYSQL_ROOT_USERNAME"), Password: os.Getenv("MYSQL_ROOT_PASSWORD"),
	}, os.Stdout)
}
