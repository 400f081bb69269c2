# The documents beside the program: that they are drawn, written and numbered as they should be.
# shellcheck disable=SC2154 # root is lib.bash's
load lib

setup() { clean; }

@test "the picture is what docs/draw makes of the recording" {
	type python3 >/dev/null || skip "python3 is not installed"
	"$root/docs/draw" "$root/docs/upgrade.ansi" | cmp - "$root/docs/upgrade.svg"
}

@test "a picture has each character of the recording, in its colour" {
	type python3 >/dev/null || skip "python3 is not installed"
	printf '\e[1ma <b>  \e[0;32mc & d\e[39m e\n\e[2mf\n\n' >recording
	"$root/docs/draw" recording | grep '^<text x="[0-9.]*"' >texts
	diff - texts <<-'SVG'
		<text x="16.0" y="66" textLength="42.0" font-weight="bold">a &lt;b&gt;</text>
		<text x="74.8" y="66" textLength="42.0" fill="#56d364">c &amp; d</text>
		<text x="125.2" y="66" textLength="8.4">e</text>
		<text x="16.0" y="84" textLength="8.4" fill="#7d8590">f</text>
	SVG
}
