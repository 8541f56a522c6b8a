package bundle

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
)

// FuzzOpenZip opens bytes as an archive. Whatever they are, it must end within its limits;
// and where archive/zip reads a member of a whole archive, the content must be the same.
func FuzzOpenZip(f *testing.F) {
	for _, data := range seeds(f) {
		f.Add(data)
		f.Add(data[:len(data)*2/3])
		f.Add(data[:len(data)-5])
	}
	cfg := Config{MaxMembers: 50, MaxInputSize: 1 << 20, MaxTotalSize: 4 << 20, MemoryLimit: 8 << 20}.withDefaults()
	f.Fuzz(func(t *testing.T, data []byte) {
		c := newCollector(context.Background(), cfg)
		defer c.bundle.Close()
		if err := c.finish(Input{Source: "case.zip", Kind: Zip, Size: int64(len(data)), content: memoryContent(data)}, 1); err != nil {
			t.Fatal(err)
		}
		inputs := c.bundle.Inputs
		if len(inputs) > cfg.MaxMembers || c.inflated > cfg.MaxTotalSize+64<<10 {
			t.Errorf("%d inputs, %d bytes inflated", len(inputs), c.inflated)
		}
		if inputs[0].Status == Ignored || inputs[0].Detail == "" {
			t.Errorf("the archive is %q: %q", inputs[0].Status, inputs[0].Detail)
		}
		sources := make(map[string]bool)
		for _, in := range inputs {
			if sources[string(in.Source)] {
				t.Errorf("two inputs %s", in.Source)
			}
			sources[string(in.Source)] = true
			if (in.Status == Refused || in.Status == Partly) && in.Detail == "" {
				t.Errorf("%s is %s without a reason", in.Source, in.Status)
			}
			if in.Status == Refused && in.Readable() {
				t.Errorf("%s is refused but readable", in.Source)
			}
		}
		if inputs[0].Status == Read {
			compareWithStandard(t, data, inputs)
		}
	})
}

// compareWithStandard checks members against archive/zip, for names that only stand there
// once and that both packages read alike.
func compareWithStandard(t *testing.T, data []byte, inputs []Input) {
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return // ours forgives more
	}
	count := make(map[string]int)
	for _, f := range r.File {
		count[f.Name]++
	}
	for _, f := range r.File {
		if count[f.Name] > 1 || strings.ContainsAny(f.Name, "\\\uFFFD") || f.NonUTF8 || f.UncompressedSize64 > 1<<19 {
			continue
		}
		rc, err := f.Open()
		if err != nil {
			continue
		}
		want, err := io.ReadAll(io.LimitReader(rc, 1<<20))
		rc.Close()
		if err != nil {
			continue
		}
		for _, in := range inputs {
			if in.Source != inputs[0].Source.Member(f.Name) || !in.Readable() || in.Kind == Zip {
				continue
			}
			file, err := in.content.open()
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(io.NewSectionReader(file, 0, file.Size()))
			file.Close()
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: %d bytes (%v), archive/zip reads %d", in.Source, len(got), err, len(want))
			}
		}
	}
}

// seeds are small archives of all shapes.
func seeds(f *testing.F) [][]byte {
	log := "ElfFile\x00" + strings.Repeat("\x00", 200)
	build := func(method uint16, names ...string) []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for _, name := range names {
			m, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: method})
			if err == nil && !strings.HasSuffix(name, "/") {
				_, err = io.WriteString(m, log)
			}
			if err != nil {
				f.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			f.Fatal(err)
		}
		return b.Bytes()
	}
	inner := build(zip.Deflate, "a.evtx")
	log = string(inner)
	return [][]byte{inner, build(zip.Store, "inner.zip", "d/", "d/x"), build(zip.Deflate, "inner.zip", "inner.zip"), build(zip.Deflate)}
}
