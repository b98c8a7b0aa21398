// Swagger UI has a dark look, and leaves it to a button of another layout to put it on: here it follows the system.
"use strict";
{
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  dark.addEventListener("change", follow);
  follow();
}
