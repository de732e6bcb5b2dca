//go:build !unix

package main

import "time"

// processorTime returns nothing where the system does not tell.
func processorTime() time.Duration { return 0 }
