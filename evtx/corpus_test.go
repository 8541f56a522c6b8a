package evtx_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gpevtx/gpevtx/evtx"
)

// corpusFile is a real log with the number of its records by the word of others.
type corpusFile struct {
	name    string
	records int
}

// corpus lists the public logs that the tests read when they are there: the folder is
// named by GPEVTX_CORPUS or stands beside the repository. With -short it is every eighth.
func corpus(t testing.TB) (dir string, files []corpusFile) {
	t.Helper()
	dir = "../../shared/corpus/evtx"
	if env := os.Getenv("GPEVTX_CORPUS"); env != "" {
		dir = filepath.Join(env, "evtx")
	}
	f, err := os.Open(filepath.Join(dir, "MANIFEST.tsv"))
	if err != nil {
		t.Skipf("no corpus of real logs: %v", err)
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Scan() // the names of the columns
	for s.Scan() {
		cols := strings.Split(s.Text(), "\t")
		n, err := strconv.Atoi(cols[2])
		if err != nil {
			t.Fatalf("MANIFEST.tsv: %q", s.Text())
		}
		files = append(files, corpusFile{cols[0], n})
	}
	if err := s.Err(); err != nil || len(files) < 300 {
		t.Fatalf("MANIFEST.tsv has %d files: %v", len(files), err)
	}
	if testing.Short() {
		var some []corpusFile
		for i := 0; i < len(files); i += 8 {
			some = append(some, files[i])
		}
		files = some
	}
	return dir, files
}

func readCorpusFile(t testing.TB, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// corpusException is a file of which we read another number of records than the manifest
// says, or that is damaged.
type corpusException struct {
	records int
	errors  int
	// unprintable counts the events whose System section is whole while the template of
	// their data was overwritten.
	unprintable int
	lost        int64
	why         string
}

const (
	stale    = "the manifest counts old records behind the free space mark; evtx_dump, evtxexport and Event Viewer show ours"
	unsealed = "the last record was never written to its end, and is left out"
)

var corpusExceptions = map[string]corpusException{
	"EVTX-ATTACK-SAMPLES/Lateral_Movement/sysmon_1_exec_via_sql_xpcmdshell.evtx":                                {records: 1, why: stale},
	"EVTX-ATTACK-SAMPLES/Privilege_Escalation/PrivEsc_NetSvc_SessionToken_Retrival_via_localSMB_Auth_5145.evtx": {records: 1, why: stale},
	"EVTX-ATTACK-SAMPLES/Privilege_Escalation/Sysmon_UACME_38.evtx":                                             {records: 8, why: stale},
	"EVTX-ATTACK-SAMPLES/Privilege_Escalation/privesc_seimpersonate_tosys_spoolsv_sysmon_17_18.evtx":            {records: 7, why: stale},

	"evtx/2-vss_0-Microsoft-Windows-RemoteDesktopServices-RdpCoreTS_4Operational.evtx": {
		records: 1973, errors: 6, unprintable: 16, lost: 5,
		why: "two chunks are torn: behind the tear are records of another time, whose templates may be gone",
	},
	"evtx/2-vss_0-Microsoft-Windows-TerminalServices-RemoteConnectionManager_4Operational.evtx": {
		records: 1795, errors: 3, lost: 2,
		why: "two chunks are torn, and the manifest counts old records behind free space marks",
	},
	"evtx/Microsoft-Windows-HelloForBusiness_4Operational.evtx":  {records: 5, errors: 2, lost: 15, why: unsealed},
	"evtx/Microsoft-Windows-LanguagePackSetup_4Operational.evtx": {records: 16, errors: 2, lost: 4, why: unsealed},
	"evtx/sample-with-zero-data-size-event.evtx":                 {records: 450, errors: 2, why: "a record has size 0; it and what follows it are read too"},
	"evtx/sample_with_a_bad_chunk_magic.evtx":                    {records: 380, errors: 10, lost: 171, why: "three chunks are torn, and two lack their header; what is left of them is read too"},
	"evtx/security_bad_string_cache.evtx":                        {records: 2261, errors: 1, why: "the chunk's table of names is damaged, which shows in a checksum; the table is not needed"},
	"evtx/sysmon.evtx":                                           {records: 358, errors: 8, why: "eight places behind the last chunk hold no chunks"},
	"plaso/test_data/evtx/System2.evtx":                          {records: 283, errors: 2, lost: 1, why: "the last chunk is cut off; what is left of it is read too"},
}

// TestCorpus reads every real log: the number of records is that of the manifest, nothing
// undamaged gives an error, and the views of each event agree.
func TestCorpus(t *testing.T) {
	dir, files := corpus(t)
	seen := 0
	for _, f := range files {
		b := readCorpusFile(t, dir, f.name)
		want, special := corpusExceptions[f.name]
		if !special {
			want.records = f.records
		} else {
			seen++
		}
		r, err := evtx.NewReader(bytes.NewReader(b), int64(len(b)), evtx.Config{})
		if err != nil {
			t.Errorf("%s: %v", f.name, err)
			continue
		}
		var got corpusException
		for ev, err := range r.Events(context.Background(), nil) {
			if err != nil {
				got.errors++
				if !special {
					t.Errorf("%s: %v", f.name, err)
				}
				continue
			}
			got.records++
			if err := checkViews(ev); err != nil {
				got.unprintable++
				if want.unprintable == 0 {
					t.Errorf("%s: record %d at %d: %v", f.name, ev.RecordID, ev.Location.Offset, err)
				}
			}
		}
		c := r.Coverage()
		got.lost, got.why = c.Lost, want.why
		if got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", f.name, got, want)
		}
		if c.Read != int64(got.records) || c.Skipped != 0 || !c.Complete {
			t.Errorf("%s: %+v after %d records", f.name, c, got.records)
		}
	}
	if seen != len(corpusExceptions) && !testing.Short() {
		t.Errorf("%d of %d exceptions are in the corpus", seen, len(corpusExceptions))
	}
}

// TestMutatedCorpus changes up to 64 bytes in the records of real logs: no panic, no loop,
// and whatever still prints is valid.
func TestMutatedCorpus(t *testing.T) {
	dir, files := corpus(t)
	rounds := 400
	if testing.Short() {
		rounds = 40
	}
	r := rand.New(rand.NewPCG(3, 4))
	for i := range rounds {
		f := files[i*7%len(files)]
		b := readCorpusFile(t, dir, f.name)
		if len(b) < fileHeaderSize+chunkSize {
			continue
		}
		chunk := b[fileHeaderSize:][:chunkSize]
		used := int(binary.LittleEndian.Uint32(chunk[48:])) - chunkHeader
		if used < 1 || used > chunkSize-chunkHeader {
			continue
		}
		for range 1 + r.IntN(64) {
			chunk[chunkHeader+r.IntN(used)] = byte(r.Uint32())
		}
		sealChunk(chunk)
		log := logFile(chunk)
		t.Run(fmt.Sprintf("%d", i), func(t *testing.T) { checkLog(t, log) })
	}
}

// TestCorpusRecovery reads every real log with all that can be recovered: nothing of a healthy
// log changes by it, no byte is forgotten, and what comes from free space can be printed.
func TestCorpusRecovery(t *testing.T) {
	dir, files := corpus(t)
	total := kinds(nil)
	for _, f := range files {
		b := readCorpusFile(t, dir, f.name)
		events, _, c := recoverAll(t, b, evtx.RecoverAll)
		got := kinds(events)
		for k := range got {
			total[k] += got[k]
		}
		var ordinary []string
		for _, ev := range events {
			if ev.Recovery != evtx.InFreeSpace {
				ordinary = append(ordinary, fmt.Sprint(ev.Location, ev.Recovery))
				continue
			}
			if err := checkViews(ev); err != nil {
				t.Errorf("%s: record %d at %d: %v", f.name, ev.RecordID, ev.Location.Offset, err)
			}
		}
		events, _, plain := recoverAll(t, b, evtx.RecoverDamaged)
		for i, ev := range events {
			if i >= len(ordinary) || ordinary[i] != fmt.Sprint(ev.Location, ev.Recovery) {
				t.Errorf("%s: event %d differs with what is recovered", f.name, i)
				break
			}
		}
		if len(events) != len(ordinary) || plain.Lost != c.Lost || len(plain.Streams) != len(c.Streams) {
			t.Errorf("%s: %d events, with what is recovered %d without free space", f.name, len(events), len(ordinary))
		}
	}
	t.Logf("%d intact, %d in damaged files, %d in damaged chunks, %d in free space", total[0], total[1], total[2], total[3])
	if !testing.Short() && (total[evtx.InFreeSpace] < 600 || total[evtx.InDamagedChunk] < 900) {
		t.Errorf("%v events by recovery", total)
	}
}

// TestCorpusDamage damages real logs as a whole: all of them are read, in every mode, without
// a contradiction.
func TestCorpusDamage(t *testing.T) {
	dir, files := corpus(t)
	r := rand.New(rand.NewPCG(5, 6))
	for i := 0; i < len(files); i += 1 + len(files)/40 {
		f := files[i]
		plain := readCorpusFile(t, dir, f.name)
		if len(plain) < fileHeaderSize+chunkSize {
			continue
		}
		plain = plain[:min(len(plain), fileHeaderSize+2*chunkSize)]
		for name, damage := range map[string]func(b []byte) []byte{
			"checksums": func(b []byte) []byte {
				for at := fileHeaderSize; at+chunkSize <= len(b); at += chunkSize {
					b[at+52] ^= 1
					b[at+124] ^= 1
				}
				return b
			},
			"cut":          func(b []byte) []byte { return b[:fileHeaderSize*(1+r.IntN(len(b)/fileHeaderSize))] },
			"no header":    func(b []byte) []byte { clear(b[:fileHeaderSize]); return b },
			"chunk header": func(b []byte) []byte { clear(b[fileHeaderSize:][:chunkHeader]); return b },
			"1 % random": func(b []byte) []byte {
				for range len(b) / 100 {
					b[r.IntN(len(b))] = byte(r.Uint32())
				}
				return b
			},
		} {
			t.Run(fmt.Sprintf("%d %s", i, name), func(t *testing.T) { checkLog(t, damage(bytes.Clone(plain))) })
		}
	}
}
