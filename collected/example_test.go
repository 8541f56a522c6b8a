package collected_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/gpevtx/gpevtx/collected"
)

func ExampleParse() {
	text := `[SC] QueryServiceConfig SUCCESS

SERVICE_NAME: ADSync
        TYPE               : 10  WIN32_OWN_PROCESS
        START_TYPE         : 4   DISABLED
        SERVICE_START_NAME : CONTOSO\gmsa-sync$
`
	f, err := collected.Parse(context.Background(), strings.NewReader(text), int64(len(text)), collected.Config{Source: "sc.txt"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range f.Services {
		fmt.Printf("%s runs as %s (line %d) and is started: %s\n", s.Name.Text, s.Account.Text, s.Account.At.Line, s.Start)
	}
	// Output:
	// ADSync runs as CONTOSO\gmsa-sync$ (line 6) and is started: disabled
}
