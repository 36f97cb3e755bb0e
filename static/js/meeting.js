// Shows how much of a turn is left.  Without it the page says when the turn began.
(() => {
  "use strict";
  const clock = document.querySelector("[data-timer]");
  if (!clock) return;
  const ends = Date.parse(clock.dataset.started) + Number(clock.dataset.minutes) * 60_000;
  const show = () => {
    const left = Math.round((ends - Date.now()) / 1000);
    const minutes = Math.floor(Math.abs(left) / 60);
    const seconds = String(Math.abs(left) % 60).padStart(2, "0");
    clock.textContent = `${left < 0 ? "+" : ""}${minutes}:${seconds}`;
  };
  show();
  setInterval(show, 1000);
})();
