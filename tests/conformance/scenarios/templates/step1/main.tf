variable "l" {
  default = ["a", "b"]
}
locals {
  h = <<-EOT
    start
      indented ${join(",", var.l)}
    %{for i, x in var.l~}
    ${i}: ${x}
    %{endfor~}
    %{if length(var.l) > 1}many%{else}few%{endif}
    $${literal} %%{x}
  EOT
  g = <<EOT
  raw
EOT
}
resource "terraform_data" "a" {
  input = [local.h, local.g, "%{for x in var.l}${x};%{endfor}", "a${true}b${1.50}c${null == null}"]
}
output "t" {
  value = templatefile("${path.module}/t.tftpl", { n = var.l, u = "q" })
}
output "ts" {
  value = templatestring("x $${y}", { y = 1 })
}
