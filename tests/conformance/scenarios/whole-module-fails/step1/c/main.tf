resource "terraform_data" "x" {}
resource "terraform_data" "y" { 
  provisioner "local-exec" { command = "exit 1" } 
}
output "o" { value = "const" }
