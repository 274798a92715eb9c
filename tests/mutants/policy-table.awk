# The table of policy.sh. Four inputs, by `part`: answers (file, number, answer), reasons (file, function, before, after), all
# mutants and the chosen ones (file, number, line, function, before, after). Exit 1: something survived, or the list of
# survivors says what is not so.
part == 1 { answer[$1, $2] = $3; next }
part == 2 { reason[$1, $2, $3, $4] = 1; next }
part == 3 { there[$1, $4, $5, $6] = 1; covered[$1] = 1; next }
{
	file = $1
	key = $1 SUBSEP $4 SUBSEP $5 SUBSEP $6
	said = answer[$1, $2]
	sub(/ .*/, "", said)
	if (said == "survived" && key in reason)
		said = "listed"
	else if ((said == "killed" || said == "timeout") && key in reason)
		told[++tells] = $1 ":" $3 ": is listed as a survivor, and a test sees it: " $6
	else if (said == "survived")
		told[++tells] = $1 ":" $3 ": " $4 ": survived\n  - " $5 "\n  + " $6
	n[file, said]++
	n["all", said]++
	if (!(file in files)) {
		files[file]
		order[++rows] = file
	}
}
function row(name, key) {
	printf "%-32s %7d %7d %7d %7d %7d %7d %8d\n", name, n[key, "killed"] + n[key, "timeout"] + n[key, "listed"] + \
		n[key, "survived"] + n[key, "same"], n[key, "killed"], n[key, "timeout"], n[key, "same"], n[key, "listed"], \
		n[key, "broken"], n[key, "survived"]
}
END {
	for (key in reason) {
		split(key, k, SUBSEP)
		if (k[1] in covered && !(key in there))
			told[++tells] = k[1] ": " k[2] ": is listed and there is no such mutant: " k[4]
	}
	for (i = 1; i <= tells; i++)
		print told[i]
	printf "%-32s %7s %7s %7s %7s %7s %7s %8s\n", "file", "mutants", "killed", "endless", "same", "listed", "broken", "survived"
	for (i = 1; i <= rows; i++)
		row(order[i], order[i])
	row("policy", "all")
	printf "mutants: %d killed of %d, %d the same program, %d listed with a reason, %d survived\n", \
		n["all", "killed"] + n["all", "timeout"], n["all", "killed"] + n["all", "timeout"] + n["all", "same"] + \
		n["all", "listed"] + n["all", "survived"], n["all", "same"], n["all", "listed"], n["all", "survived"]
	exit tells > 0
}
