package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// parseJSON parses one line: objects as map[string]any, numbers as they are written. It
// returns the keys that an object has twice; the second one gets _1 behind it, and so on.
func parseJSON(line []byte) (v any, twice []string, err error) {
	p := jsonParser{dec: json.NewDecoder(bytes.NewReader(line))}
	p.dec.UseNumber()
	if v, err = p.value(0); err != nil {
		return nil, nil, err
	}
	if _, err := p.dec.Token(); !errors.Is(err, io.EOF) {
		return nil, nil, errors.New("there is more behind the value")
	}
	return v, p.twice, nil
}

type jsonParser struct {
	dec   *json.Decoder
	twice []string
}

// maxJSONDepth bounds the nesting of values.
const maxJSONDepth = 200

func (p *jsonParser) value(depth int) (any, error) {
	if depth > maxJSONDepth {
		return nil, fmt.Errorf("values are nested more than %d deep", maxJSONDepth)
	}
	tok, err := p.dec.Token()
	if err != nil {
		return nil, err
	}
	switch tok {
	case json.Delim('{'):
		return p.object(depth)
	case json.Delim('['):
		list := []any{}
		for p.dec.More() {
			v, err := p.value(depth + 1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err = p.dec.Token()
		return list, err
	}
	return tok, nil
}

func (p *jsonParser) object(depth int) (any, error) {
	m := make(map[string]any)
	for p.dec.More() {
		tok, err := p.dec.Token()
		if err != nil {
			return nil, err
		}
		key, _ := tok.(string) // the decoder demands it
		if _, there := m[key]; there {
			p.twice = append(p.twice, key)
			key = unused(m, key)
		}
		if m[key], err = p.value(depth + 1); err != nil {
			return nil, err
		}
	}
	_, err := p.dec.Token()
	return m, err
}

// unused returns the key with the lowest number behind it that is not there.
func unused(m map[string]any, key string) string {
	for i := 1; ; i++ {
		numbered := key + "_" + strconv.Itoa(i)
		if _, there := m[numbered]; !there {
			return numbered
		}
	}
}
