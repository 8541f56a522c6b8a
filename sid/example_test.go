package sid_test

import (
	"fmt"

	"github.com/gpevtx/gpevtx/sid"
)

// A policy lists principals as text; only some of it says which account is meant.
func ExampleParsePrincipal() {
	for _, text := range []string{`NT SERVICE\ADSync`, "ADSync", "*S-1-5-80-0", "Администраторы", `CONTOSO\svc-sync`} {
		p := sid.ParsePrincipal(text)
		fmt.Printf("%s: %q %q\n", p.Name, p.SID, sid.Name(p.SID))
	}
	// Output:
	// NT SERVICE\ADSync: "S-1-5-80-3245704983-3664226991-764670653-2504430226-901976451" "NT SERVICE\\ADSync"
	// ADSync: "" ""
	// S-1-5-80-0: "S-1-5-80-0" "NT SERVICE\\ALL SERVICES"
	// Администраторы: "S-1-5-32-544" "BUILTIN\\Administrators"
	// CONTOSO\svc-sync: "" ""
}

func ExampleCompare() {
	account := sid.ParsePrincipal("svc-sync@contoso.com")
	listed := sid.ParsePrincipal(`CONTOSO\svc-sync`)
	fmt.Println(sid.Compare(account, listed, sid.Context{}))
	fmt.Println(sid.Compare(account, listed, sid.Context{Host: "SYNC01", Domains: []string{"CONTOSO", "contoso.com"}}))
	// Output:
	// unknown
	// same
}
