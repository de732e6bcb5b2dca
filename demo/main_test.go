package demo_test

import (
	"context"
	"os"
	"testing"
)

// ctx is that of the company, which lives as long as the tests.
var ctx, stop = context.WithCancel(context.Background())

// folders are those that the tests made.
var folders []string

func tempDir() (string, error) {
	dir, err := os.MkdirTemp("", "binnacle-demo-")
	folders = append(folders, dir)
	return dir, err
}

func TestMain(m *testing.M) {
	code := m.Run()
	stop()
	for _, dir := range folders {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}
