//go:build !unix

package main

import "os"

// terminalWidth returns how many columns a terminal has, or 0 where it does not say.
func terminalWidth(*os.File) int { return 80 }
