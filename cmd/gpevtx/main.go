// Gpevtx says why Microsoft Entra Connect's ADSync service does not start or sync, from
// what a customer uploaded: Group Policy reports and event logs.
//
//	gpevtx analyze case.zip
//
// It reads files only and needs no Windows. "gpevtx help" lists its commands.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	tuneCollector()
	// The first signal ends the work in order: temporary files go, what is known is told. The
	// second one kills.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], stdio{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}
