// writer writes rows to a database until it is told to stop, by SIGTERM or by
// "writer stop", run beside it in its container: writer mysql|postgres ADDRESS
// [RATE [RANGE]]. DB_USERNAME and DB_PASSWORD are in its environment.
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
	if len(args) < 2 || len(args) > 4 {
		return fmt.Errorf("usage: writer mysql|postgres ADDRESS [RATE [RANGE]] | writer stop")
	}
	engine, ok := map[string]writer.Engine{"mysql": writer.MySQL, "postgres": writer.Postgres}[args[0]]
	if !ok {
		return fmt.Errorf("%s is no kind of database", args[0])
	}
	rate, span, err := 50, int64(0), error(nil)
	if len(args) > 2 {
		if rate, err = strconv.Atoi(args[2]); err != nil || rate < 1 {
			return fmt.Errorf("%s is no rate", args[2])
		}
	}
	if len(args) > 3 {
		if span, err = strconv.ParseInt(args[3], 10, 32); err != nil || span < 0 {
			return fmt.Errorf("%s is no range of ids", args[3])
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	return writer.Run(ctx, writer.Options{
		Engine: engine, Address: args[1], Rate: rate, Range: span,
		User: os.Getenv("DB_USERNAME"), Password: os.Getenv("DB_PASSWORD"),
	}, os.Stdout)
}
