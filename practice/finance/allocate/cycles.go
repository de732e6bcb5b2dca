package allocate

// findComponents finds the groups of nodes that all reach each other, in the order in which cost flows
// (the algorithm of Tarjan, without recursion). Edges without weight do not count.
func (n *network) findComponents() {
	count := len(n.nodes)
	index := make([]int32, count)
	low := make([]int32, count)
	onStack := make([]bool, count)
	at := append([]int32(nil), n.out.start[:count]...)
	n.compOf = make([]int32, count)
	var stack, path []int32
	next := int32(1)
	enter := func(v int32) {
		index[v], low[v] = next, next
		next++
		stack, path = append(stack, v), append(path, v)
		onStack[v] = true
	}
	for root := range int32(count) {
		if index[root] != 0 {
			continue
		}
		enter(root)
		for len(path) > 0 {
			v := path[len(path)-1]
			if at[v] < n.out.start[v+1] {
				e := n.edges[n.out.edge[at[v]]]
				at[v]++
				w := int32(e.To)
				if e.Weight == 0 {
					continue
				}
				if index[w] == 0 {
					enter(w)
				} else if onStack[w] {
					low[v] = min(low[v], index[w])
				}
				continue
			}
			path = path[:len(path)-1]
			if len(path) > 0 {
				up := path[len(path)-1]
				low[up] = min(low[up], low[v])
			}
			if low[v] == index[v] {
				from := len(stack) - 1
				for stack[from] != v {
					from--
				}
				comp := append([]int32(nil), stack[from:]...)
				for _, w := range comp {
					onStack[w] = false
				}
				stack = stack[:from]
				n.comps = append(n.comps, comp)
			}
		}
	}
	for i, j := 0, len(n.comps)-1; i < j; i, j = i+1, j-1 {
		n.comps[i], n.comps[j] = n.comps[j], n.comps[i]
	}
	for c, comp := range n.comps {
		for _, v := range comp {
			n.compOf[v] = int32(c)
		}
	}
}

// cyclic reports whether cost can come back inside of a component.
func (n *network) cyclic(comp []int32) bool {
	if len(comp) > 1 {
		return true
	}
	for _, i := range n.out.of(comp[0]) {
		if n.edges[i].To == int(comp[0]) && n.edges[i].Weight > 0 {
			return true
		}
	}
	return false
}

// leaves returns how much of the whole of a node leaves its component or stays with the node.
func (n *network) leaves(v int32) int64 {
	out := n.keeps[v]
	for _, i := range n.out.of(v) {
		if e := n.edges[i]; n.compOf[e.To] != n.compOf[v] {
			out += e.Weight
		}
	}
	return out
}

// cycleError names the shortest cycle through the first node of a component.
func (n *network) cycleError(comp []int32) *CycleError {
	start := comp[0]
	for _, v := range comp {
		start = min(start, v)
	}
	before := map[int32]int32{}
	queue := []int32{start}
	for len(queue) > 0 {
		v := queue[0]
		queue = queue[1:]
		for _, i := range n.out.of(v) {
			e := n.edges[i]
			w := int32(e.To)
			if e.Weight == 0 || n.compOf[w] != n.compOf[v] {
				continue
			}
			if w == start {
				out := []int{int(v)}
				for v != start {
					v = before[v]
					out = append([]int{int(v)}, out...)
				}
				names := make([]string, len(out))
				for i, node := range out {
					names[i] = n.name(node)
				}
				return &CycleError{out, names}
			}
			if _, seen := before[w]; !seen {
				before[w] = v
				queue = append(queue, w)
			}
		}
	}
	return &CycleError{[]int{int(start)}, []string{n.name(int(start))}}
}
