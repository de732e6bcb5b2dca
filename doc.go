// Package binnacle is the root of the project. The program is in cmd/binnacle; this package holds the law of the house, as a test.
package binnacle
