// An independent verifier: Go's own sumdb packages (golang.org/x/mod, BSD-3) read our log, note and proofs.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(3)
	}
}

func main() {
	folder := os.Args[1]
	pub, err := os.ReadFile(filepath.Join(folder, "custody.pub"))
	must(err)
	verifier, err := note.NewVerifier(strings.TrimSuffix(string(pub), "\n"))
	must(err)
	signed, err := os.ReadFile(filepath.Join(folder, "custody.checkpoint"))
	must(err)
	opened, err := note.Open(signed, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	var size int64
	_, err = fmt.Sscanf(lines[1], "%d", &size)
	must(err)

	data, err := os.ReadFile(filepath.Join(folder, "custody.log"))
	must(err)
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, index := range indexes {
			out = append(out, stored[index])
		}
		return out, nil
	})
	scanner := bufio.NewScanner(bytes.NewReader(data))
	scanner.Buffer(nil, 1<<17)
	var count int64
	for scanner.Scan() {
		hashes, err := tlog.StoredHashes(count, scanner.Bytes(), reader)
		must(err)
		stored = append(stored, hashes...)
		count++
	}
	root, err := tlog.TreeHash(count, reader)
	must(err)
	if count != size || base64.StdEncoding.EncodeToString(root[:]) != lines[2] {
		fmt.Println("another root or size")
		os.Exit(3)
	}

	// proofs: "index size leaf root hash,hash,..." and "old size oldroot root hash,..." one a line on stdin
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		var kind string
		var at, of int64
		var first, second, path string
		fmt.Sscan(input.Text(), &kind, &at, &of, &first, &second, &path)
		a, err := tlog.ParseHash(first)
		must(err)
		b, err := tlog.ParseHash(second)
		must(err)
		var proof []tlog.Hash
		for _, one := range strings.Split(path, ",") {
			if one != "" {
				hash, err := tlog.ParseHash(one)
				must(err)
				proof = append(proof, hash)
			}
		}
		if kind == "inclusion" {
			must(tlog.CheckRecord(proof, of, b, at, a))
		} else {
			must(tlog.CheckTree(proof, of, b, at, a))
		}
	}
}
