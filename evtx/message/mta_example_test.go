package message_test

import (
	"fmt"

	"github.com/gpevtx/gpevtx/evtx/message"
)

// Find the file of texts that belongs to a log.
func ExampleMTALog() {
	for _, name := range []string{"System_1033.MTA", "my_export_1031.mta", "readme.txt"} {
		fmt.Println(message.MTALog(name))
	}
	// Output:
	// System 1033 true
	// my_export 1031 true
	//  0 false
}
