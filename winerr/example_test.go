package winerr_test

import (
	"fmt"

	"github.com/gpevtx/gpevtx/winerr"
)

// The Service Control Manager writes codes as references into the message table of whoever
// looks at the event.
func ExampleParse() {
	for _, param := range []string{"%%1385", "%%2147942414"} {
		code, _ := winerr.Parse(param)
		info := code.Info()
		fmt.Printf("%s %s (%s): %s\n", code, info.Symbol, info.Class, info.Meaning)
	}
	// Output:
	// 1385 ERROR_LOGON_TYPE_NOT_GRANTED (logon-right): The account may not log on to this computer in the requested way, as a service for instance: the user right is missing or denied.
	// 0x8007000e ERROR_OUTOFMEMORY (resources): Memory ran out.
}
