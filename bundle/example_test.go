package bundle_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/gpevtx/gpevtx/bundle"
)

// Names play no part: the report is found although somebody renamed it.
func ExampleOpen() {
	folder, err := os.MkdirTemp("", "case")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	page := `<html><body><td class="rsopheader">Group Policy Results</td></body></html>`
	if err := os.WriteFile(filepath.Join(folder, "attachment.bin"), []byte(page), 0o600); err != nil {
		log.Fatal(err)
	}

	b, err := bundle.Open(context.Background(), bundle.Config{}, folder)
	if err != nil {
		log.Fatal(err)
	}
	defer b.Close()
	for _, in := range b.Inputs {
		fmt.Printf("%s: %s (%s), %d bytes\n", in.Source.Base(), in.Kind, in.Kind.Description(), in.Size)
	}
	// Output:
	// attachment.bin: gpresult-html (Group Policy Results report), 74 bytes
}
