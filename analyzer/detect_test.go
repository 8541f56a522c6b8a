package analyzer_test

import (
	"context"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/gpevtx/gpevtx/bundle"
	"github.com/gpevtx/gpevtx/gpreport"
)

// TestXMLDetection: what is detected as a report in XML is read as one, and nothing else.
func TestXMLDetection(t *testing.T) {
	const (
		settings = `xmlns="http://www.microsoft.com/GroupPolicy/Settings"`
		gpo      = `<GPO ` + settings + `><Name>a</Name></GPO>`
		rsop     = `<Rsop xmlns="http://www.microsoft.com/GroupPolicy/Rsop"><DataType>LoggedData</DataType></Rsop>`
		declared = `<?xml version="1.0" encoding="utf-16"?>` + "\r\n"
	)
	for name, tt := range map[string]struct {
		text string
		want bundle.Kind
	}{
		"a GPO":                           {declared + gpo, bundle.GPOXML},
		"GPOs joined":                     {declared + gpo + declared + gpo, bundle.GPOXML},
		"GPOs in an element":              {declared + "<report>" + gpo + gpo + "</report>", bundle.GPOXML},
		"in an element with a namespace":  {declared + "<GPOS " + settings + "><GPO><Name>a</Name></GPO></GPOS>", bundle.GPOXML},
		"a prefix":                        {declared + `<g.p-1:GPO xmlns:g.p-1="http://www.microsoft.com/GroupPolicy/Settings"/>`, bundle.GPOXML},
		"behind comments":                 {declared + "<!-- <html> -->" + gpo, bundle.GPOXML},
		"a result":                        {declared + rsop, bundle.GPResultXML},
		"a result with a prefix":          {strings.NewReplacer("<Rsop xmlns=", "<r:Rsop xmlns:r=", "</Rsop>", "</r:Rsop>").Replace(rsop), bundle.GPResultXML},
		"results in an element":           {"<all>" + rsop + rsop + "</all>", bundle.GPResultXML},
		"other XML":                       {declared + `<GPO xmlns="urn:x"/>`, bundle.Unknown},
		"XML about policy":                {declared + `<a ` + settings + `><GPOs/></a>`, bundle.Unknown},
		"a page that quotes one":          {"<!DOCTYPE html>\r\n<html><body>" + gpo + "</body></html>", bundle.Unknown},
		"a page that quotes one in XHTML": {declared + "<html><body>" + rsop + "</body></html>", bundle.Unknown},
	} {
		for _, data := range []string{tt.text, utf16Text(tt.text)} {
			if got := bundle.Detect([]byte(data)); got != tt.want {
				t.Errorf("%s: detected as %s", name, got)
			}
			reports, _ := gpreport.ParseAll(context.Background(), strings.NewReader(data), int64(len(data)), gpreport.Config{})
			got := bundle.Unknown
			for _, r := range reports {
				got = map[gpreport.Kind]bundle.Kind{gpreport.GPOReportXML: bundle.GPOXML, gpreport.GPResultXML: bundle.GPResultXML}[r.Kind]
			}
			if got != tt.want {
				t.Errorf("%s: read as %s", name, got)
			}
		}
	}
}

// utf16Text is a text in UTF-16LE with its mark.
func utf16Text(s string) string {
	b := []byte{0xFF, 0xFE}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}
