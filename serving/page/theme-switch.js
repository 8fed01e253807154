const dark = matchMedia('(prefers-color-scheme: dark)')

/** Lets the button switch between light and dark; calls `changed` whenever the colours are others. */
export function themeSwitch(button, changed) {
  button.addEventListener('click', () => {
    const theme = isDark() ? 'light' : 'dark'
    document.documentElement.dataset.theme = theme
    localStorage.setItem('theme', theme)
    changed()
  })
  dark.addEventListener('change', changed)
}

function isDark() {
  const chosen = document.documentElement.dataset.theme
  return chosen === undefined ? dark.matches : chosen === 'dark'
}
