// Shows the OpenAPI document that the page names. No validator badge: it would send the document to another origin.
"use strict";

window.addEventListener("DOMContentLoaded", () => {
  const page = document.getElementById("swagger-ui");
  window.ui = window.SwaggerUIBundle({
    url: page.dataset.openapiUrl,
    domNode: page,
    deepLinking: true,
    validatorUrl: null,
  });
});
