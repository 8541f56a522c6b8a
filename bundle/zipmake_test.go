package bundle_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"hash/crc32"
	"io"
	"testing"
)

func checksum(s string) uint32 { return crc32.ChecksumIEEE([]byte(s)) }

// deflated returns the bytes of data in the archive. Methods that the tests only name hold
// them as they are.
func deflated(t testing.TB, method uint16, data string) []byte {
	t.Helper()
	if method != zip.Deflate {
		return []byte(data)
	}
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err == nil {
		_, err = io.WriteString(w, data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
