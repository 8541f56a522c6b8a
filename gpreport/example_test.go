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
	fmt.Println("computer:", r.Host)
	for _, constant := range []string{"SeServiceLogonRight", "SeBatchLogonRight", "SeDenyServiceLogonRight"} {
		a, state := r.Right(constant)
		switch state {
		case gpreport.DefinedFor, gpreport.DefinedEmpty:
			fmt.Printf("%s: %q by %s, line %d\n", gpreport.RightName(constant), names(a), a.Winner.Name, a.Location.Line)
		case gpreport.NotDefined:
			fmt.Printf("%s: not defined by a GPO\n", gpreport.RightName(constant))
		default: // such as ScopeWithoutData: gpresult did not run as administrator
			fmt.Printf("%s: not known: %s\n", gpreport.RightName(constant), state)
		}
	}
	// Output:
	// computer: SYNC01
	// Log on as a service: ["CONTOSO\\svc-backup" "CONTOSO\\svc-sql"] by Server Baseline, line 34
	// Log on as a batch job: [] by Default Domain Policy, line 33
	// Deny log on as a service: not defined by a GPO
}

func ExampleCompare() {
	read := func(accounts string) *gpreport.Report {
		file := page{computer: sync01(row("Log on as a service", accounts, "Server Baseline")).String()}.String()
		r, err := gpreport.Parse(context.Background(), strings.NewReader(file), int64(len(file)), gpreport.Config{})
		if err != nil {
			fmt.Println(err)
		}
		return r
	}
	d := gpreport.Compare(read(`CONTOSO\svc-sql, NT SERVICE\ALL SERVICES`), read(`svc-backup, CONTOSO\svc-sql`))
	for _, c := range d.Computer.Rights {
		fmt.Println(c.Change, c.After.Display)
		for _, p := range c.Accounts.Added {
			fmt.Println("+", p.Name)
		}
		for _, p := range c.Accounts.Removed {
			fmt.Println("-", p.Name)
		}
	}
	fmt.Println(len(d.Unsure), "things cannot be compared")
	// Output:
	// changed Log on as a service
	// + svc-backup
	// - NT SERVICE\ALL SERVICES
	// 0 things cannot be compared
}
