// Runs before the first paint, so that a theme chosen earlier does not flash.
const storedTheme = localStorage.getItem('theme')
if (storedTheme !== null) document.documentElement.dataset.theme = storedTheme
