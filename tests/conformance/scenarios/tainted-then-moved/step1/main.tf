resource "terraform_data" "a" {
  input = 1
  provisioner "local-exec" {
    command = "exit 1"
  }
}
resource "terraform_data" "b" {
  input = terraform_data.a.id
}
