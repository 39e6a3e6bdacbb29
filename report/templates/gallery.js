/* The test images one by one: what most conditions get wrong, one cell of a confusion matrix, what two conditions differ in. */
(function () {
  'use strict';

  var data = JSON.parse(document.getElementById('images').textContent);
  if (!data) { return; }  // a report without images
  var words = data.words;
  var home = document.getElementById('gallery'), list = home.querySelector('.thumbs');
  var sheet = document.getElementById('gallery-sheet'), more = document.getElementById('gallery-more');
  var PAGE = 24, ZERO = 48, keys = Object.keys(data.runs), found = [], shown = 0;

  function control(name) { return document.getElementById('gallery-' + name); }
  function fill(text, gaps) {
    return text.replace(/\[(\w+)\]/g, function (all, name) { return name in gaps ? gaps[name] : all; });
  }

  /* --- which images --- */
  function votes(key, image, wanted) {
    return data.runs[key].filter(function (run) { return run.charCodeAt(image) - ZERO === wanted; }).length;
  }
  // By more than half of the runs: where they are divided, a condition is neither.
  function isCorrect(key, image) { return 2 * votes(key, image, data.images[image].label) > data.runs[key].length; }
  function isIncorrect(key, image) { return 2 * votes(key, image, data.images[image].label) < data.runs[key].length; }
  function favourite(key, image) {
    var counts = {}, best;
    data.runs[key].forEach(function (run) {
      var index = run.charCodeAt(image) - ZERO;
      counts[index] = (counts[index] || 0) + 1;
      if (best === undefined || counts[index] > counts[best]) best = index;
    });
    return Number(best);
  }
  function taken(key, index, image) {
    return fill(words.caption, {
      truth: data.classes[data.images[image].label], predicted: data.classes[index],
      runs: votes(key, image, index) + ' / ' + data.runs[key].length });
  }
  var views = {
    hard: function (image) {
      var incorrect = keys.filter(function (key) { return isIncorrect(key, image); }).length;
      return 2 * incorrect > keys.length && {
        order: -incorrect, text: data.classes[data.images[image].label] + ': ' + incorrect + ' / ' + keys.length };
    },
    cell: function (image) {
      var key = control('condition').value, index = Number(control('predicted').value), count = votes(key, image, index);
      return data.images[image].label === Number(control('true').value) && count > 0 && {
        order: -count, text: taken(key, index, image) };
    },
    differ: function (image) {
      var correct = control('correct').value, incorrect = control('incorrect').value;
      return isCorrect(correct, image) && isIncorrect(incorrect, image) && { order: 0, text: taken(incorrect, favourite(incorrect, image), image) };
    }
  };

  /* --- what is shown --- */
  function thumbnail(image, text) {
    var item = document.createElement('li'), canvas = document.createElement('canvas'), caption = document.createElement('span');
    canvas.width = canvas.height = data.side_px;
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', fill(words.label, { id: data.images[image].id }));
    canvas.title = data.images[image].id;
    canvas.getContext('2d').drawImage(sheet,
      image % data.columns * data.side_px, Math.floor(image / data.columns) * data.side_px, data.side_px, data.side_px,
      0, 0, data.side_px, data.side_px);
    caption.textContent = text;
    item.appendChild(canvas); item.appendChild(caption);
    return item;
  }
  function extend() {
    found.slice(shown, shown + PAGE).forEach(function (one) { list.appendChild(thumbnail(one.image, one.text)); });
    shown = Math.min(found.length, shown + PAGE);
    more.hidden = shown === found.length;
    document.getElementById('gallery-state').textContent =
      found.length ? fill(words.shown, { shown: shown, count: found.length }) : words.none;
  }
  function update() {
    var view = control('view').value;
    home.querySelectorAll('[data-view]').forEach(function (part) { part.hidden = part.dataset.view !== view; });
    found = [];
    data.images.forEach(function (_, image) {
      var match = views[view](image);
      if (match) found.push({ image: image, order: match.order, text: match.text });
    });
    found.sort(function (a, b) { return a.order - b.order || a.image - b.image; });
    list.textContent = '';
    shown = 0;
    extend();
  }

  /* --- cells of the matrices: one tab stop, arrows move, Enter or a click opens --- */
  function open(cell) {
    var parts = cell.getAttribute('data-cell').split(' ');
    control('view').value = 'cell';
    control('condition').value = parts[0]; control('true').value = parts[1]; control('predicted').value = parts[2];
    update();
    control('title').focus();
    home.scrollIntoView();
  }
  function prepareCells() {
    var svg = document.querySelector('#fig-confusion svg');
    if (!svg) return;
    var cells = Array.from(svg.querySelectorAll('[data-cell]'));
    var rows = Array.from(document.querySelectorAll('#fig-confusion details tbody tr'));
    svg.setAttribute('role', 'group');
    cells.forEach(function (cell, index) {
      var parts = cell.getAttribute('data-cell').split(' ');
      cell.setAttribute('role', 'button');
      cell.setAttribute('tabindex', index ? '-1' : '0');
      cell.setAttribute('aria-label', fill(words.cell, {
        condition: data.names[parts[0]], truth: data.classes[parts[1]], predicted: data.classes[parts[2]],
        count: rows[index].cells[3].textContent }));
      cell.addEventListener('click', function () { open(cell); });
      cell.addEventListener('keydown', function (event) {
        var size = data.classes.length;
        var step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: size, ArrowUp: -size }[event.key];
        if (event.key === 'Enter' || event.key === ' ') open(cell);
        else if (step && cells[index + step]) {
          cell.setAttribute('tabindex', '-1');
          cells[index + step].setAttribute('tabindex', '0');
          cells[index + step].focus();
        } else return;
        event.preventDefault();
      });
    });
  }

  control('incorrect').selectedIndex = Math.min(1, control('incorrect').options.length - 1);
  home.querySelector('.controls').addEventListener('change', update);
  more.addEventListener('click', function () {
    var first = list.children.length;
    extend();
    if (more.hidden && list.children[first]) control('title').focus({ preventScroll: true });
  });
  sheet.decode().then(function () {
    home.hidden = false;
    update();
    prepareCells();
  });
})();
