locals {
  list = ["a", "b"]
  t    = <<-EOT
    %{for x in local.list ~}
    item ${x} $${not} %%{not}
    %{endfor ~}
      indented "quoted" \n back\slash
    end
  EOT
  u    = <<EOT
no
  indent ${"in${"ner"}"}
EOT
  empty = <<EOT
EOT
}
resource "terraform_data" "a" {
  input = [local.t, local.u, local.empty]
}
