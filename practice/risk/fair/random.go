package fair

// gamma is the step of the sequence of SplitMix64, the odd number next to 2^64 divided by the golden ratio.
const gamma = 0x9e3779b97f4a7c15

// mix is the output function of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// at returns the number of a stream that stands at a place, counted from 0. Numbers need no numbers before them,
// so that any year of a simulation can be made alone, in any order and on any number of cores.
func at(stream uint64, place int) uint64 { return mix(stream + gamma*(uint64(place)+1)) }

// The purposes of streams.
const (
	forCounts uint64 = 1 + iota
	forLosses
	forCauses
	forFactors
)

// stream returns the stream of a seed for a purpose and a name.
func stream(seed, purpose, name uint64) uint64 { return mix(mix(mix(seed)+purpose*gamma) ^ name) }

// unit turns a random number into one between 0 and 1, neither of which it ever is.
func unit(u uint64) float64 { return float64((float64(u>>12) + 0.5) * 0x1p-52) }
