package main

import (
	"context"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	var out strings.Builder
	if err := run(context.Background(), &out, []string{"../../testdata/bundles/omitted-right.zip"}); err != nil {
		t.Fatal(err)
	}
	if want := `"SYNC01": critical, certain: service-right-omitted`; !strings.Contains(out.String(), want) {
		t.Errorf("got %s, want a line with %s", out.String(), want)
	}
}
