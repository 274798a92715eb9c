# The table of coverage.sh, from gcov's annotated sources: "count:line:text", and below each its branches.
function flush_line() { # what is not counted is known only when the next line was read
	if (text == "" || (!lines_here && !branches_here))
		return
	guards = text_args()
	branches_here -= 4 * guards
	taken_here -= 2 * guards
	if (branches_here < 0)
		branches_here = 0
	if (taken_here < 0 || taken_here > branches_here)
		taken_here = taken_here < 0 ? 0 : branches_here
	if (skip()) {
		left += lines_here + branches_here
	} else {
		lines[file] += lines_here
		hit[file] += lines_here && count != "#####"
		branches[file] += branches_here
		taken[file] += taken_here
		if (missed && ((lines_here && count == "#####") || taken_here < branches_here))
			printf "%s:%d: %s%s\n", file, number, text, \
				count == "#####" ? "" : sprintf(" (%d of %d ways)", taken_here, branches_here)
	}
	lines_here = branches_here = taken_here = 0
}
# TEXT_ARG guards printf against a text of 2 GiB and one without bytes: two of its four ways.
function text_args(  rest, n) {
	rest = text
	for (n = 0; sub(/TEXT_ARG\(/, "", rest); n++)
		;
	return n
}
function skip() {
	return text ~ /assert\(/ || text ~ /out_of_memory\(\)/ || following ~ /^[ \t]*out_of_memory\(\)/
}
FNR == 1 {
	following = ""
	flush_line()
	file = FILENAME
	sub(/.*\//, "policy/", file)
	sub(/\.gcov$/, "", file)
	order[++n] = file
	text = ""
}
/^branch / {
	branches_here++
	taken_here += $0 ~ /taken [1-9]/
	next
}
/^(call|function|unconditional|-+$)/ { next }
{
	split($0, part, ":")
	following = substr($0, length(part[1]) + length(part[2]) + 3)
	flush_line()
	count = part[1]
	gsub(/[ *]/, "", count)
	number = part[2] + 0
	text = following
	sub(/^[ \t]+/, "", text)
	lines_here = count != "-" && number > 0
	if (!lines_here && text == "")
		text = " "
}
function row(name, l, h, b, t) {
	printf "%-34s %6d %7.2f %% %8d %7.2f %%\n", name, l, l ? 100 * h / l : 100, b, b ? 100 * t / b : 100
}
END {
	following = ""
	flush_line()
	printf "%-34s %6s %9s %8s %9s\n", "file", "lines", "reached", "branches", "reached"
	for (i = 1; i <= n; i++) {
		file = order[i]
		row(file, lines[file], hit[file], branches[file], taken[file])
		l += lines[file]
		h += hit[file]
		b += branches[file]
		t += taken[file]
		if (index(evaluator, " " file " ")) {
			el += lines[file]
			eh += hit[file]
			eb += branches[file]
			et += taken[file]
		}
	}
	row("policy", l, h, b, t)
	row("parser and evaluator", el, eh, eb, et)
	printf "coverage: %d of %d lines, %d of %d branches (%.2f %%) of the parser and evaluator; %d not counted\n", eh, el, et, eb, \
		100 * et / eb, left
	exit eh < el || et < 0.98 * eb
}
