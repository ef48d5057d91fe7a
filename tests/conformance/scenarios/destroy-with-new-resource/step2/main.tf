resource "terraform_data" "a" { input = 1 }
resource "terraform_data" "b" { input = { x = 1 } }
output "o" { value = terraform_data.b.input.x }
