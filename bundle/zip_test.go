package bundle_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/bundle"
)

func TestZip(t *testing.T) {
	for name, data := range map[string][]byte{
		"as Windows writes":  makeZip(t, member{name: "EVENTLOG/", change: stored}, member{name: "EVENTLOG/System.evtx", data: evtx}, member{name: "gpresult.htm", data: report, change: stored}),
		"streamed":           makeStreamedZip(t, member{name: "EVENTLOG/"}, member{name: "EVENTLOG/System.evtx", data: evtx}, member{name: "gpresult.htm", data: report}),
		"something after it": append(makeZip(t, member{name: "EVENTLOG/System.evtx", data: evtx}, member{name: "gpresult.htm", data: report}), "trailing bytes"...),
	} {
		t.Run(name, func(t *testing.T) {
			b := openZip(t, bundle.Config{}, data)
			wantLines(t, zipLines(b),
				"case.zip zip read: members: 2",
				"case.zip!/EVENTLOG/System.evtx evtx ignored",
				"case.zip!/gpresult.htm gpresult-html ignored",
			)
			if content(t, b, "System.evtx") != evtx || content(t, b, "gpresult.htm") != report {
				t.Error("wrong content")
			}
		})
	}
}

func TestEmptyZip(t *testing.T) {
	wantLines(t, zipLines(openZip(t, bundle.Config{}, makeZip(t))), "case.zip zip read: members: 0")
}

// A name from an archive is text: nothing is ever written under it.
func TestZipNames(t *testing.T) {
	long := strings.Repeat("ä", 5000)
	cp437 := func(h *zip.FileHeader) { h.NonUTF8 = true }
	b := openZip(t, bundle.Config{}, makeZip(t,
		member{name: "../../etc/passwd", data: "x"},
		member{name: "/absolute", data: "x"},
		member{name: `C:\Windows\System.evtx`, data: evtx},
		member{name: "CON", data: "x"},
		member{name: "", data: "x"},
		member{name: "dup", data: "x"},
		member{name: "dup", data: "y"},
		member{name: "dup#2", data: "z"},
		member{name: "dup", data: "w"},
		member{name: "M\x81ller", data: "x", change: cp437},
		member{name: "bad\xff\xfe", data: "x"},
		member{name: long, data: "x"},
		member{name: long, data: "y"},
	))
	cut := strings.Repeat("ä", 512) + "…"
	const note = ": its name of 10000 bytes was cut to 1024 (MaxNameLength)"
	wantLines(t, zipLines(b),
		"case.zip zip read: members: 13",
		"case.zip!/ unknown ignored",
		"case.zip!/../../etc/passwd unknown ignored",
		"case.zip!//absolute unknown ignored",
		"case.zip!/C:/Windows/System.evtx evtx ignored",
		"case.zip!/CON unknown ignored",
		"case.zip!/Müller unknown ignored",
		"case.zip!/bad\u00a0■ unknown ignored",
		"case.zip!/dup unknown ignored",
		"case.zip!/dup#2 unknown ignored",
		"case.zip!/dup#2#2 unknown ignored",
		"case.zip!/dup#3 unknown ignored",
		"case.zip!/"+cut+" unknown ignored"+note,
		"case.zip!/"+cut+"#2 unknown ignored"+note,
	)
	b = openZip(t, bundle.Config{MaxNameLength: 2}, makeZip(t, member{name: "aä€", data: "x"}))
	if got := b.Inputs[1].Source.Base(); got != "a…" {
		t.Errorf("a name cut inside a character is %q", got)
	}
}

func TestZipRefusesMembers(t *testing.T) {
	b := openZip(t, bundle.Config{}, makeZip(t,
		member{name: "encrypted.evtx", data: evtx, change: func(h *zip.FileHeader) { h.Flags |= 1 }},
		member{name: "large.evtx", data: evtx, change: func(h *zip.FileHeader) { h.Method = 9 }},
		member{name: "strange.evtx", data: evtx, change: func(h *zip.FileHeader) { h.Method = 77 }},
		member{name: "link", data: "/etc/passwd", change: func(h *zip.FileHeader) { h.CreatorVersion, h.ExternalAttrs = 3<<8, 0xA1FF<<16 }},
		member{name: "good.evtx", data: evtx},
		member{name: "inner.7z", data: "7z\xbc\xaf\x27\x1c\x00"},
		member{name: "letter.docx", data: string(makeZip(t, member{name: "[Content_Types].xml", data: "<Types/>"}))},
	))
	wantLines(t, zipLines(b),
		"case.zip zip read: members: 7",
		"case.zip!/encrypted.evtx unknown refused: encrypted; unpack it with its password and point gpevtx at the folder",
		"case.zip!/good.evtx evtx ignored",
		"case.zip!/inner.7z 7z refused: 7z archive: not read by this version; unpack it and point gpevtx at the folder",
		"case.zip!/large.evtx unknown refused: compressed with Deflate64, which Windows uses for files above 2 GB: not read by this version; unpack it and point gpevtx at the folder",
		"case.zip!/letter.docx office-document ignored",
		"case.zip!/link unknown refused: a symbolic link, which is not followed",
		"case.zip!/strange.evtx unknown refused: compressed with method 77: not read by this version; unpack it and point gpevtx at the folder",
	)
}

// nest puts data into n zip files.
func nest(t testing.TB, n int, name, data string) []byte {
	for i := n; i > 0; i-- {
		data = string(makeZip(t, member{name: name, data: data}))
		name = fmt.Sprintf("level%d.zip", i)
	}
	return []byte(data)
}

func TestNestedZips(t *testing.T) {
	b := openZip(t, bundle.Config{}, nest(t, 3, "System.evtx", evtx))
	wantLines(t, zipLines(b),
		"case.zip zip read: members: 1",
		"case.zip!/level2.zip zip read: members: 1",
		"case.zip!/level2.zip!/level3.zip zip read: members: 1",
		"case.zip!/level2.zip!/level3.zip!/System.evtx evtx ignored",
	)
	if content(t, b, "System.evtx") != evtx {
		t.Error("wrong content")
	}
	b = openZip(t, bundle.Config{MaxDepth: 2}, nest(t, 3, "System.evtx", evtx))
	wantLines(t, zipLines(b),
		"case.zip zip read: members: 1",
		"case.zip!/level2.zip zip read: members: 1",
		"case.zip!/level2.zip!/level3.zip zip refused: the limit of 2 archives in each other (MaxDepth) is reached",
	)
	if n := len(openZip(t, bundle.Config{}, nest(t, 50, "System.evtx", evtx)).Inputs); n != 4 {
		t.Errorf("fifty nested archives gave %d inputs, want 4", n)
	}
}

func TestZipLimits(t *testing.T) {
	zeros := evtx + strings.Repeat("\x00", 40<<20)
	two := makeZip(t, member{name: "a.evtx", data: evtx}, member{name: "b.evtx", data: evtx}, member{name: "c.evtx", data: evtx})
	for _, tt := range []struct {
		name string
		cfg  bundle.Config
		data []byte
		want []string
	}{
		{"ratio", bundle.Config{}, makeZip(t, member{name: "bomb.evtx", data: zeros}, member{name: "ok.evtx", data: evtx}), []string{
			"case.zip zip read: members: 2",
			"case.zip!/bomb.evtx evtx refused: inflates to more than 500 times its size in the archive (MaxRatio)",
			"case.zip!/ok.evtx evtx ignored",
		}},
		{"ratio allowed", bundle.Config{MaxRatio: 2000}, makeZip(t, member{name: "bomb.evtx", data: zeros}), []string{
			"case.zip zip read: members: 1",
			"case.zip!/bomb.evtx evtx ignored",
		}},
		{"size as stated", bundle.Config{MaxInputSize: 10_000}, makeZip(t, member{name: "big.evtx", data: evtx + evtx}, member{name: "ok.evtx", data: evtx}), []string{
			"case.zip zip read: members: 2",
			"case.zip!/big.evtx unknown refused: 10016 bytes, more than the limit of 10000 (MaxInputSize)",
			"case.zip!/ok.evtx evtx ignored",
		}},
		{"total", bundle.Config{MaxTotalSize: 6000}, two, []string{
			"case.zip zip read: members: 3",
			"case.zip!/a.evtx evtx ignored",
			"case.zip!/b.evtx evtx refused: the limit of 6000 bytes inflated from all archives (MaxTotalSize) is reached",
			"case.zip!/c.evtx unknown refused: the limit of 6000 bytes inflated from all archives (MaxTotalSize) is reached",
		}},
		{"members", bundle.Config{MaxMembers: 3}, two, []string{
			"case.zip zip partly: members: 2; the limit of 3 inputs (MaxMembers) is reached; members not read: 1",
			"case.zip!/a.evtx evtx ignored",
			"case.zip!/b.evtx evtx ignored",
		}},
		{"members of a damaged archive", bundle.Config{MaxMembers: 3}, two[:len(two)-10], []string{
			"case.zip zip partly: its directory is missing or damaged (at byte BYTE: want the end of the directory before it; the archive is not complete)" +
				"; members recovered by their own headers: 2; the limit of 3 inputs (MaxMembers) is reached",
			"case.zip!/a.evtx evtx ignored",
			"case.zip!/b.evtx evtx ignored",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := zipLines(openZip(t, tt.cfg, tt.data))
			for i := range tt.want {
				tt.want[i] = strings.ReplaceAll(tt.want[i], "BYTE", fmt.Sprint(len(tt.data)))
			}
			wantLines(t, got, tt.want...)
		})
	}
}

// A size that a streamed member hides until it is inflated.
func TestZipSizeLimitWhileInflating(t *testing.T) {
	data := makeStreamedZip(t, member{name: "big.evtx", data: evtx + evtx}, member{name: "ok.evtx", data: evtx})
	b := openZip(t, bundle.Config{MaxInputSize: 10_000}, data[:bytes.Index(data, []byte("PK\x01\x02"))])
	got := zipLines(b)
	if len(got) < 2 || got[1] != "case.zip!/big.evtx evtx refused: inflates to more than the limit of 10000 bytes (MaxInputSize)" || b.Inputs[1].Readable() {
		t.Errorf("inputs: %q", got)
	}
	if !strings.HasSuffix(got[len(got)-1], "ok.evtx evtx ignored") {
		t.Errorf("the member after it was lost: %q", got)
	}
}

// A bomb of bombs: each level multiplies, and the sum of all stops it.
func TestNestedBombs(t *testing.T) {
	data := evtx + strings.Repeat("\x00", 8<<20)
	for range 3 {
		var members []member
		for i := range 8 {
			members = append(members, member{name: fmt.Sprint(i), data: data})
		}
		data = string(makeZip(t, members...))
	}
	cfg := bundle.Config{MaxTotalSize: 64 << 20, MaxDepth: 10}
	b := openZip(t, cfg, []byte(data))
	var total int64
	refused := 0
	for _, in := range b.Inputs[1:] {
		total += in.Size
		if strings.Contains(in.Detail, "MaxTotalSize") {
			refused++
		}
	}
	if total > cfg.MaxTotalSize+1<<20 || refused == 0 {
		t.Errorf("%d bytes were inflated under a limit of %d; %d members were refused", total, cfg.MaxTotalSize, refused)
	}
}

func TestHugeCount(t *testing.T) {
	members := make([]member, 30_000)
	for i := range members {
		members[i] = member{name: "same", change: stored}
	}
	b := openZip(t, bundle.Config{}, makeZip(t, members...))
	if got := len(b.Inputs); got != 20_000 {
		t.Errorf("%d inputs, want 20000", got)
	}
	in := b.Inputs[0]
	if in.Status != bundle.Partly || in.Detail != "members: 19999; the limit of 20000 inputs (MaxMembers) is reached; members not read: 10001" {
		t.Errorf("%s %s: %s", in.Source.Base(), in.Status, in.Detail)
	}
}

// Entries of the directory that lead to one member, as in the bombs that do not nest.
func TestOverlappingMembers(t *testing.T) {
	data := makeZip(t, member{name: "a.evtx", data: evtx}, member{name: "b.evtx", data: evtx}, member{name: "c.evtx", data: evtx})
	second := bytes.Index(data[1:], []byte("PK\x03\x04")) + 1
	for _, name := range []string{"b.evtx", "c.evtx"} {
		at := bytes.LastIndex(data, []byte(name)) - 46
		binary.LittleEndian.PutUint32(data[at+42:], 0) // the header of a.evtx
	}
	b := openZip(t, bundle.Config{}, data)
	const shares = "shares its bytes with another member, as only archives made to do harm do"
	wantLines(t, zipLines(b),
		"case.zip zip read: members: 3",
		"case.zip!/a.evtx evtx ignored",
		"case.zip!/b.evtx unknown refused: "+shares,
		"case.zip!/c.evtx unknown refused: "+shares,
	)
	// An entry that leads to no member.
	at := bytes.LastIndex(data, []byte("c.evtx")) - 46
	binary.LittleEndian.PutUint32(data[at+42:], uint32(second-5))
	b = openZip(t, bundle.Config{}, data)
	if got := zipLines(b)[3]; !strings.HasPrefix(got, "case.zip!/c.evtx unknown refused: not found in the archive: at byte ") {
		t.Errorf("an entry that leads nowhere: %s", got)
	}
}

// A member that reaches into the next one, which is the other way to use bytes twice.
func TestMemberReachesIntoTheNext(t *testing.T) {
	data := makeZip(t, member{name: "a.evtx", data: evtx}, member{name: "b.evtx", data: evtx})
	packed := bytes.Index(data, []byte("PK\x01\x02")) + 20
	binary.LittleEndian.PutUint32(data[packed:], binary.LittleEndian.Uint32(data[packed:])+40)
	wantLines(t, zipLines(openZip(t, bundle.Config{}, data)),
		"case.zip zip read: members: 2",
		"case.zip!/a.evtx evtx ignored",
		"case.zip!/b.evtx unknown refused: shares its bytes with another member, as only archives made to do harm do",
	)
}

func TestDamagedMembers(t *testing.T) {
	body := evtx + strings.Repeat("0123456789abcdef", 10_000)
	broken := func(change func(data []byte, local, central int)) []byte {
		data := makeZip(t, member{name: "a.evtx", data: body}, member{name: "b.evtx", data: evtx})
		change(data, 0, bytes.Index(data, []byte("PK\x01\x02")))
		return data
	}
	for _, tt := range []struct {
		name string
		data []byte
		want string
	}{
		{"checksum", broken(func(b []byte, _, central int) { b[central+16] ^= 1 }), "evtx partly: damaged in the archive, 165008 bytes were read: its checksum is wrong"},
		{"more than stated", broken(func(b []byte, _, central int) { binary.LittleEndian.PutUint32(b[central+24:], 6000) }), "evtx partly: damaged in the archive, 6000 bytes were read: it holds more than the 6000 bytes that it states"},
		{"less than stated", broken(func(b []byte, _, central int) { binary.LittleEndian.PutUint32(b[central+24:], 200_000) }), "evtx partly: damaged in the archive, 165008 bytes were read: it ends before the 200000 bytes that it states"},
		{"no data", broken(func(b []byte, _, _ int) { b[36] = 0xFF }), "unknown refused: flate: corrupt input before offset 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := openZip(t, bundle.Config{}, tt.data)
			wantLines(t, zipLines(b), "case.zip zip read: members: 2", "case.zip!/a.evtx "+tt.want, "case.zip!/b.evtx evtx ignored")
			in := b.Inputs[1]
			if in.SHA256 != "" {
				t.Error("a damaged member has a hash")
			}
			if in.Status == bundle.Partly && !strings.HasPrefix(body, content(t, b, "a.evtx")) {
				t.Error("wrong content")
			}
		})
	}
}

// However an upload broke off, all that came before can be read.
func TestTruncatedZip(t *testing.T) {
	members := []member{{name: "a.evtx", data: evtx}, {name: "dir/", change: stored}, {name: "dir/b.htm", data: report}, {name: "c.evtx", data: evtx + noise(500)}}
	for name, whole := range map[string][]byte{"sizes first": makeZip(t, members...), "sizes last": makeStreamedZip(t, members...)} {
		t.Run(name, func(t *testing.T) {
			directory := bytes.Index(whole, []byte("PK\x01\x02"))
			path := write(t, "case.zip", nil)
			for n := len(whole) - 1; n > 4; n -= 1 + n/200 {
				overwrite(t, path, whole[:n])
				b := open(t, bundle.Config{}, path)
				in := b.Inputs[0]
				if in.Status != bundle.Partly && in.Status != bundle.Refused || !strings.Contains(in.Detail, "at byte") {
					t.Fatalf("%d of %d bytes: %s %s", n, len(whole), in.Status, in.Detail)
				}
				if n >= directory && (len(b.Inputs) != 4 || content(t, b, "c.evtx") != members[3].data || content(t, b, "b.htm") != report) {
					t.Fatalf("%d of %d bytes, with all members: %q", n, len(whole), zipLines(b))
				}
				for _, m := range members {
					for _, in := range b.Inputs[1:] {
						if in.Readable() && strings.HasSuffix(string(in.Source), m.name) && !strings.HasPrefix(m.data, content(t, b, m.name)) {
							t.Fatalf("%d of %d bytes: %s: wrong content", n, len(whole), in.Source)
						}
					}
				}
			}
			overwrite(t, path, whole[:directory-200])
			b := open(t, bundle.Config{}, path)
			if len(b.Inputs) != 4 {
				t.Fatalf("cut off in the last member: %q", zipLines(b))
			}
			last := b.Inputs[2]
			if last.Source.Base() != "c.evtx" || last.Status != bundle.Partly || !strings.HasSuffix(last.Detail, "bytes were read: the archive ends in the middle of it") {
				t.Errorf("the member that is cut off: %s %s %s", last.Source.Base(), last.Status, last.Detail)
			}
			if got := content(t, b, "c.evtx"); got == "" || !strings.HasPrefix(members[3].data, got) {
				t.Errorf("wrong content of %d bytes", len(got))
			}
		})
	}
}

func overwrite(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDamagedDirectory(t *testing.T) {
	whole := makeZip(t, member{name: "a.evtx", data: evtx}, member{name: "b.evtx", data: evtx})
	end := bytes.LastIndex(whole, []byte("PK\x05\x06"))
	second := bytes.LastIndex(whole, []byte("PK\x01\x02"))
	for name, change := range map[string]func(b []byte){
		"entry":  func(b []byte) { b[second] = 'X' },
		"count":  func(b []byte) { binary.LittleEndian.PutUint16(b[end+10:], 7) },
		"start":  func(b []byte) { binary.LittleEndian.PutUint32(b[end+16:], 3) },
		"beyond": func(b []byte) { binary.LittleEndian.PutUint32(b[end+16:], 1<<31) },
		"size":   func(b []byte) { binary.LittleEndian.PutUint32(b[end+12:], 1<<31) },
		"name":   func(b []byte) { binary.LittleEndian.PutUint16(b[second+28:], 60000) },
	} {
		data := bytes.Clone(whole)
		change(data)
		b := openZip(t, bundle.Config{}, data)
		if in := b.Inputs[0]; in.Status != bundle.Partly || !strings.Contains(in.Detail, "at byte ") || !strings.HasSuffix(in.Detail, "recovered by their own headers: 2") {
			t.Errorf("%s: %s %s", name, in.Status, in.Detail)
		}
		if len(b.Inputs) != 3 || content(t, b, "b.evtx") != evtx {
			t.Errorf("%s: %q", name, zipLines(b))
		}
	}
}

func TestNotAnArchive(t *testing.T) {
	b := openZip(t, bundle.Config{}, []byte("PK\x03\x04 and nothing like an archive"))
	if in := b.Inputs[0]; len(b.Inputs) != 1 || in.Status != bundle.Refused || !strings.HasPrefix(in.Detail, "not a readable archive: at byte ") {
		t.Errorf("%q", zipLines(b))
	}
}

// Sizes and offsets that only fit in the fields of zip64.
func TestZip64(t *testing.T) {
	data := makeZip(t, member{name: "a.evtx", data: evtx})
	central, end := bytes.Index(data, []byte("PK\x01\x02")), bytes.Index(data, []byte("PK\x05\x06"))
	packed := binary.LittleEndian.Uint32(data[central+20:])
	le := binary.LittleEndian

	entry := bytes.Clone(data[central:end])
	for _, at := range []int{20, 24, 42} {
		le.PutUint32(entry[at:], 1<<32-1)
	}
	extra := le.AppendUint16(le.AppendUint16(nil, 0x5455), 1) // another field before it
	extra = append(extra, 0)
	extra = le.AppendUint16(le.AppendUint16(extra, 1), 24)
	extra = le.AppendUint64(extra, uint64(len(evtx)))
	extra = le.AppendUint64(extra, uint64(packed))
	extra = le.AppendUint64(extra, 0)
	le.PutUint16(entry[30:], uint16(len(extra)))
	entry = append(entry, extra...)

	out := append(bytes.Clone(data[:central]), entry...)
	record := len(out)
	out = append(out, "PK\x06\x06"...)
	out = append(out, make([]byte, 20)...)
	for _, v := range []uint64{1, 1, uint64(len(entry)), uint64(central)} {
		out = le.AppendUint64(out, v)
	}
	out = append(out, "PK\x06\x07\x00\x00\x00\x00"...)
	out = le.AppendUint64(out, uint64(record))
	out = append(out, 1, 0, 0, 0)
	last := bytes.Clone(data[end:])
	le.PutUint16(last[10:], 1<<16-1)
	le.PutUint32(last[12:], 1<<32-1)
	le.PutUint32(last[16:], 1<<32-1)
	out = append(out, last...)

	b := openZip(t, bundle.Config{}, out)
	wantLines(t, zipLines(b), "case.zip zip read: members: 1", "case.zip!/a.evtx evtx ignored")
	if content(t, b, "a.evtx") != evtx {
		t.Error("wrong content")
	}

	le.PutUint64(out[record+48:], 1<<63) // an offset that no file has
	b = openZip(t, bundle.Config{}, out)
	if in := b.Inputs[0]; in.Status != bundle.Partly || !strings.Contains(in.Detail, "below 2^63") {
		t.Errorf("%s %s", in.Status, in.Detail)
	}
}
