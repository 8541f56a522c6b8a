package gpreport_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/gpevtx/gpevtx/gpreport"
)

func ExampleParse() {
	// What gpresult /H writes, without its scripts and styles.
	file := page{computer: sync01(
		row("Log on as a batch job", "", "Default Domain Policy"),
		row("Log on as a service", `CONTOSO\svc-backup, CONTOSO\svc-sql`, "Server Baseline"),
	).String()}.String()

	r, err := gpreport.Parse(context.Background(), strings.NewReader(file), int64(len(file)), gpreport.Config{Source: "gpresult.htm"})
	if err != nil {
		fmt.Println(err) // r may hold a part nevertheless
		return
	}
	if r.Computer == nil {
		fmt.Println("no computer data: gpresult did not run as administrator")
		return
	}
	fmt.Println("computer:", r.Host)
	for _, constant := range []string{"SeServiceLogonRight", "SeBatchLogonRight", "SeDenyServiceLogonRight"} {
		a, ok := r.Computer.Right(constant)
		switch {
		case ok:
			fmt.Printf("%s: %q by %s, line %d\n", gpreport.RightName(constant), names(a), a.Winner.Name, a.Location.Line)
		case r.Computer.Incomplete:
			fmt.Printf("%s: not known\n", gpreport.RightName(constant))
		default:
			fmt.Printf("%s: not defined by a GPO\n", gpreport.RightName(constant))
		}
	}
	// Output:
	// computer: SYNC01
	// Log on as a service: ["CONTOSO\\svc-backup" "CONTOSO\\svc-sql"] by Server Baseline, line 34
	// Log on as a batch job: [] by Default Domain Policy, line 33
	// Deny log on as a service: not defined by a GPO
}
