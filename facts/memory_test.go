package facts_test

import (
	"testing"

	"binnacle/facts"
	"binnacle/facts/factstest"
)

func TestMemory(t *testing.T) {
	factstest.Run(t, func(*testing.T) facts.Store { return facts.NewMemory(true) })
}
