// writer writes rows to a database until it is told to stop, by SIGTERM or by
// "writer stop", run beside it in its container: writer mysql|postgres ADDRESS
// [RATE]. DB_USERNAME and DB_PASSWORD are in its environment.
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
	if len(args) < 2 || len(args) > 3 {
		return fmt.Errorf("usage: writer mysql|postgres ADDRESS [RATE] | writer stop")
	}
	engine, ok := map[string]writer.Engine{"mysql": writer.MySQL, "postgres": writer.Postgres}[args[0]]
	if !ok {
		return fmt.Errorf("%s is no kind of database", args[0])
	}
	rate := 50
	if len(args) == 3 {
		n, err := strconv.Atoi(args[2])
		if err != nil || n < 1 {
			return fmt.Errorf("%s is no rate", args[2])
		}
		rate = n
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	return writer.Run(ctx, writer.Options{
		Engine: engine, Address: args[1], Rate: rate,
		User: os.Getenv("DB_USERNAME"), Password: os.Getenv("DB_PASSWORD"),
	}, os.Stdout)
}
