/* Hides and marks conditions everywhere at once. What speaks of two conditions shows while both do. */
(function () {
  'use strict';

  var box = document.getElementById('toolbox'), state = box.querySelector('.state');
  var show = Array.from(box.querySelectorAll('[data-show]'));
  var highlight = Array.from(box.querySelectorAll('[data-highlight]'));
  var parts = Array.from(document.querySelectorAll('main [data-conditions]'));

  function fill(text, gaps) {
    return text.replace(/\[(\w+)\]/g, function (all, name) { return name in gaps ? gaps[name] : all; });
  }
  function apply() {
    var hidden = {}, lit = {};
    show.forEach(function (input) { if (!input.checked) hidden[input.dataset.show] = true; });
    highlight.forEach(function (input) { if (input.checked) lit[input.dataset.highlight] = true; });
    var off = Object.keys(hidden).length, on = Object.keys(lit).length;
    parts.forEach(function (part) {
      var about = part.getAttribute('data-conditions').split(' ');
      part.classList.toggle('off', about.some(function (key) { return hidden[key]; }));
      part.classList.toggle('lit', on > 0 && about.some(function (key) { return lit[key]; }));
      part.classList.toggle('dim', on > 0 && !about.some(function (key) { return lit[key]; }));
    });
    box.classList.toggle('active', off + on > 0);
    state.textContent = off + on === 0 ? state.dataset.all :
      fill(state.dataset.some, { shown: show.length - off, all: show.length, highlighted: on });
  }
  box.addEventListener('change', apply);
  document.getElementById('toolbox-reset').addEventListener('click', function () {
    show.forEach(function (input) { input.checked = true; });
    highlight.forEach(function (input) { input.checked = false; });
    apply();
  });
  document.getElementById('toolbox-only').addEventListener('click', function () {
    if (!highlight.some(function (input) { return input.checked; })) return;
    highlight.forEach(function (input, index) { show[index].checked = input.checked; });
    apply();
  });
  box.addEventListener('keydown', function (event) {
    if (event.key !== 'Escape') return;
    box.querySelector('details').open = false;
    box.querySelector('summary').focus();
  });
  box.querySelector('details').open = matchMedia('(min-width: 74rem) and (min-height: 44rem)').matches;
  box.hidden = false;
  apply(); /* a browser that goes back keeps the boxes */
})();
