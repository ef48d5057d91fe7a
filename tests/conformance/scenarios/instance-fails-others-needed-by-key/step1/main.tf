resource "terraform_data" "b" {
  for_each = { x = 0, y = 1 }
  provisioner "local-exec" { command = "exit ${each.value}" }
}
resource "terraform_data" "c" { input = terraform_data.b["x"].id }
resource "terraform_data" "cc" { 
  for_each = { x = 0, y = 1 }
  input = terraform_data.b[each.key].id 
}
locals { l = terraform_data.b["x"].id }
resource "terraform_data" "f" { input = local.l }
output "p" { value = terraform_data.c.output }
