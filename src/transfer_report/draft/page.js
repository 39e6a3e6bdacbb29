/* Loads a new draft into the frame and brings the reader back: the same place, the same choices. */
(function () {
  'use strict';

  var frame = document.getElementById('report'), state = '';

  function place(page) {
    var best = null;
    page.querySelectorAll('main [id], header[id]').forEach(function (part) {
      if (!part.closest('svg') && part.getBoundingClientRect().top <= 1) best = part;
    });
    return {
      id: best && best.id, offset: best ? best.getBoundingClientRect().top : 0, top: page.defaultView.scrollY,
      theme: page.documentElement.dataset.theme,
      boxes: Array.from(page.querySelectorAll('#toolbox input')).map(function (input) {
        return [input.dataset.show || '', input.dataset.highlight || '', input.checked];
      }),
      selects: Array.from(page.querySelectorAll('select')).map(function (select) { return [select.id, select.value]; }),
      open: Array.from(page.querySelectorAll('details')).map(function (part) {
        var home = part.closest('[id]');
        return part.open && home ? home.id : '';
      })
    };
  }
  function restore(page, was) {
    var view = page.defaultView, anchor = was.id && page.getElementById(was.id);
    if (was.theme && was.theme !== page.documentElement.dataset.theme) page.documentElement.dataset.theme = was.theme;
    was.open.forEach(function (id) {
      var part = id && page.querySelector('#' + CSS.escape(id) + ' details');
      if (part) part.open = true;
    });
    was.boxes.forEach(function (box) {
      var name = box[0] ? 'show' : 'highlight';
      var input = page.querySelector('[data-' + name + '="' + CSS.escape(box[0] || box[1]) + '"]');
      if (input && input.checked !== box[2]) { input.checked = box[2]; input.dispatchEvent(new Event('change', { bubbles: true })); }
    });
    was.selects.forEach(function (one) {
      var select = page.getElementById(one[0]);
      if (select && select.value !== one[1]) { select.value = one[1]; select.dispatchEvent(new Event('change', { bubbles: true })); }
    });
    view.scrollTo({ top: anchor ? view.scrollY + anchor.getBoundingClientRect().top - was.offset : was.top, behavior: 'instant' });
  }
  function look() {
    fetch('/state', { cache: 'no-store' }).then(function (answer) { return answer.text(); }).then(function (now) {
      if (!now || now === state) return;
      var was = state ? place(frame.contentDocument) : null;
      state = now;
      frame.onload = function () { if (was) restore(frame.contentDocument, was); };
      if (was) frame.contentWindow.location.reload();
      else { document.getElementById('waiting').hidden = true; frame.hidden = false; frame.src = '/report.html'; }
    }).catch(function () { /* the server has ended; the page stays */ });
  }
  setInterval(look, 2000);
  look();
})();
