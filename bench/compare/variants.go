package main

import (
	"encoding/binary"
	"hash/crc32"
	"math/rand/v2"
	"slices"
)

// Sizes of the format: the file header, a chunk, its header with the tables, the header of a
// record, and the smallest record.
const (
	fileHeader   = 4096
	chunkSize    = 64 << 10
	chunkHeader  = 512
	recordHeader = 24
	minRecord    = recordHeader + 4
)

// variant is a way to damage a log.
type variant struct {
	name string
	// make gives the damaged logs; b is a copy that it may change.
	make func(b []byte, r *rand.Rand) [][]byte
}

// inPlace is a variant that changes b.
func inPlace(name string, f func(b []byte, r *rand.Rand)) variant {
	return variant{name, func(b []byte, r *rand.Rand) [][]byte {
		f(b, r)
		return [][]byte{b}
	}}
}

// eachChunk is a variant that changes every chunk.
func eachChunk(name string, f func(c []byte, r *rand.Rand)) variant {
	return inPlace(name, func(b []byte, r *rand.Rand) {
		for _, c := range chunksOf(b) {
			f(c, r)
		}
	})
}

// oneRecord is a variant that changes a record in every chunk; its size was n.
func oneRecord(name string, f func(rec []byte, n uint32)) variant {
	return eachChunk(name, func(c []byte, r *rand.Rand) {
		if recs := recordsOf(c); len(recs) > 0 {
			at := recs[r.IntN(len(recs))]
			f(c[at:], binary.LittleEndian.Uint32(c[at+4:]))
			sealRecords(c)
		}
	})
}

// variants are the damages that are measured. Where a damage is not meant to be found by a
// checksum, the checksums are made right again, so that no reader may leave a chunk alone
// for them.
var variants = []variant{
	inPlace("as it is", func([]byte, *rand.Rand) {}),
	eachChunk("checksums of all chunks broken", func(c []byte, _ *rand.Rand) { c[52] ^= 0xff; c[124] ^= 0xff }),
	eachChunk("checksums of all records broken, header right", func(c []byte, _ *rand.Rand) { c[52] ^= 0xff; sealHeader(c) }),
	inPlace("file header zeroed", func(b []byte, _ *rand.Rand) { clear(b[:min(len(b), fileHeader)]) }),
	{"file header missing", func(b []byte, _ *rand.Rand) [][]byte { return [][]byte{b[min(len(b), fileHeader):]} }},
	inPlace("file header counts one chunk", func(b []byte, _ *rand.Rand) {
		if len(b) >= fileHeader {
			binary.LittleEndian.PutUint64(b[16:], 0)
			binary.LittleEndian.PutUint16(b[42:], 1)
			sealFile(b)
		}
	}),
	eachChunk("chunk headers zeroed (128 bytes)", func(c []byte, _ *rand.Rand) { clear(c[:128]) }),
	eachChunk("chunk headers and tables zeroed (512 bytes)", func(c []byte, _ *rand.Rand) { clear(c[:chunkHeader]) }),
	eachChunk("chunk signatures damaged", func(c []byte, _ *rand.Rand) { c[3] ^= 0x20 }),
	eachChunk("chunk tables random", func(c []byte, r *rand.Rand) { randomize(c[128:chunkHeader], 384, r); sealHeader(c) }),
	eachChunk("free space mark 0", func(c []byte, _ *rand.Rand) { clear(c[48:52]); sealRecords(c) }),
	eachChunk("free space mark behind the first record", func(c []byte, _ *rand.Rand) {
		if recs := recordsOf(c); len(recs) > 1 {
			binary.LittleEndian.PutUint32(c[48:], uint32(recs[1]))
			sealRecords(c)
		}
	}),
	eachChunk("record numbers of chunk headers zeroed", func(c []byte, _ *rand.Rand) { clear(c[8:40]); sealHeader(c) }),
	oneRecord("a record of each chunk has size 0", func(rec []byte, _ uint32) { clear(rec[4:8]) }),
	oneRecord("a record of each chunk is too large", func(rec []byte, _ uint32) { binary.LittleEndian.PutUint32(rec[4:], 0x7fffffff) }),
	oneRecord("a record of each chunk is 8 bytes too short", func(rec []byte, n uint32) { binary.LittleEndian.PutUint32(rec[4:], n-8) }),
	oneRecord("a record of each chunk has another size at its end", func(rec []byte, n uint32) { binary.LittleEndian.PutUint32(rec[n-4:], n+1) }),
	oneRecord("a record of each chunk lacks its signature", func(rec []byte, _ uint32) { clear(rec[:4]) }),
	oneRecord("a record of each chunk has random content", func(rec []byte, n uint32) {
		randomize(rec[recordHeader:n-4], int(n-minRecord), rand.New(rand.NewPCG(uint64(n), 1)))
	}),
	{"cut at every 4 KiB", cuts},
	eachChunk("a sector of 512 bytes of each chunk zeroed", func(c []byte, r *rand.Rand) {
		if len(c) >= chunkSize {
			clear(c[512*r.IntN(128):][:512])
		}
	}),
	eachChunk("a page of 4 KiB of each chunk zeroed", func(c []byte, r *rand.Rand) {
		if len(c) >= chunkSize {
			clear(c[4096*r.IntN(16):][:4096])
		}
	}),
	eachChunk("10 bytes of each chunk random", func(c []byte, r *rand.Rand) { randomize(c, 10, r) }),
	inPlace("0.1 % of all bytes random", func(b []byte, r *rand.Rand) { randomize(b, len(b)/1000, r) }),
	inPlace("1 % of all bytes random", func(b []byte, r *rand.Rand) { randomize(b, len(b)/100, r) }),
}

// maxCuts bounds the cuts of one log, which each reader reads anew; they are spread evenly.
const maxCuts = 8

// cuts ends the log at places 4 KiB apart. Of a large one it takes some of them.
func cuts(b []byte, r *rand.Rand) (logs [][]byte) {
	var places []int
	for at := 4096; at < len(b); at += 4096 {
		places = append(places, at)
	}
	if len(places) > maxCuts {
		r.Shuffle(len(places), func(i, j int) { places[i], places[j] = places[j], places[i] })
		places = places[:maxCuts]
		slices.Sort(places)
	}
	for _, at := range places {
		logs = append(logs, b[:at:at])
	}
	return logs
}

// chunksOf gives the places of chunks that have a signature.
func chunksOf(b []byte) (chunks [][]byte) {
	for at := fileHeader; at+chunkHeader <= len(b); at += chunkSize {
		c := b[at:min(at+chunkSize, len(b))]
		if string(c[:8]) == "ElfChnk\x00" {
			chunks = append(chunks, c)
		}
	}
	return chunks
}

// recordsOf gives the offsets of the records of an undamaged chunk up to the free space.
func recordsOf(c []byte) (offsets []int) {
	end := min(int(binary.LittleEndian.Uint32(c[48:])), len(c))
	for at := chunkHeader; at+minRecord <= end; {
		size := int(binary.LittleEndian.Uint32(c[at+4:]))
		if string(c[at:at+4]) != "**\x00\x00" || size < minRecord || size > end-at {
			return offsets
		}
		offsets = append(offsets, at)
		at += size
	}
	return offsets
}

// sealRecords makes both checksums of a chunk right.
func sealRecords(c []byte) {
	end := int(binary.LittleEndian.Uint32(c[48:]))
	if end < chunkHeader || end > len(c) {
		end = len(c)
	}
	binary.LittleEndian.PutUint32(c[52:], crc32.ChecksumIEEE(c[chunkHeader:end]))
	sealHeader(c)
}

// sealHeader makes the checksum of a chunk's header right.
func sealHeader(c []byte) {
	sum := crc32.Update(crc32.ChecksumIEEE(c[:120]), crc32.IEEETable, c[128:chunkHeader])
	binary.LittleEndian.PutUint32(c[124:], sum)
}

// sealFile makes the checksum of the file header right.
func sealFile(b []byte) {
	binary.LittleEndian.PutUint32(b[124:], crc32.ChecksumIEEE(b[:120]))
}

// randomize sets n bytes of b, chosen at random, to random values.
func randomize(b []byte, n int, r *rand.Rand) {
	for range n {
		b[r.IntN(len(b))] = byte(r.Uint32())
	}
}
